import * as assert from 'uvu/assert'
import type { AnyPlugin } from '../../../src/core/plugin.js'
import { PluginRegistry } from '../../../src/core/plugin-host/registry.js'
import { meter } from '../../support/meter.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

const named = (name: string, changes: Partial<AnyPlugin> = {}): AnyPlugin =>
  meter({}, { name, imports: {}, ...changes }).plugin

function registryOf(...plugins: readonly AnyPlugin[]): PluginRegistry {
  const registry = new PluginRegistry()
  registry.add(...plugins)
  return registry
}

suite('PluginRegistry.add', (test) => {
  test('sorts by dependency', () => {
    const registry = registryOf(named('b', { dependsOn: ['a'] }), named('a'))
    assert.equal(
      registry.all().map(({ name }) => name),
      ['a', 'b'],
    )
  })

  test('adds all or none', () => {
    const registry = registryOf(named('a'))
    throwsCode('ERR_WASMSH_PLUGIN_CONFLICT', () => registry.add(named('b'), named('a')))
    assert.is(registry.find('b'), undefined)
  })

  test('refuses what another plugin has, naming both', () => {
    const read = { env: { read: { params: [], results: [] } } } as const
    const flags = [{ phase: 'snapshot', name: 'deep', summary: 'goes deep' }] as const
    for (const [changes, what] of [
      [{ creates: ['path_open'] }, 'the call path_open'],
      [{ imports: read }, 'the import env.read'],
      [{ flags }, 'the flag "snapshot --deep"'],
    ] as const) {
      const registry = registryOf(named('first', changes))
      const error = throwsCode('ERR_WASMSH_PLUGIN_CONFLICT', () =>
        registry.add(named('second', changes)),
      )
      assert.is(
        error.message,
        `Plugin "second" cannot be loaded: ${what} belongs to plugin "first"`,
      )
      assert.is(registry.all().length, 1)
    }
  })

  test('refuses imports that it cannot provide', () => {
    const of = (type: unknown, module = 'env') =>
      named('meter', { imports: { [module]: { f: type as never } } })
    for (const [type, why] of [
      [{ params: ['i33'], results: [] }, '"i33" is no type'],
      [{ params: ['x: v128'], results: [] }, '"x: v128" is no type'],
      [{ params: [7], results: [] }, '7 is no type'],
      [{ params: [], results: ['i32', 'i32'] }, 'at most one result is possible'],
      [{ params: Array(17).fill('i32'), results: [] }, 'at most 16 parameters are possible'],
      [{ params: [] }, 'it needs lists of params and results'],
      [undefined, 'it needs lists of params and results'],
    ] as const) {
      const error = throwsCode('ERR_WASMSH_PLUGIN_INVALID', () => registryOf(of(type)))
      assert.is(error.message, `Plugin "meter" declares env.f wrongly: ${why}`)
    }
    const own = throwsCode('ERR_WASMSH_PLUGIN_CONFLICT', () =>
      registryOf(of({ params: [], results: [] }, 'wasi_snapshot_preview1')),
    )
    assert.match(own.message, /imports of "wasi_snapshot_preview1" belong to wasmsh/)
  })

  test('refuses to create by an import that is not its own', () => {
    const error = throwsCode('ERR_WASMSH_PLUGIN_INVALID', () =>
      registryOf(named('meter', { creates: ['env.other'] })),
    )
    assert.match(error.message, /"meter" creates by env\.other, which is none of its imports/)
  })

  test('refuses another version of the contract, and what is no plugin', () => {
    const error = throwsCode('ERR_WASMSH_PLUGIN_API', () =>
      registryOf(named('meter', { apiVersion: 99 })),
    )
    assert.match(error.message, /"meter" needs version 99/)
    throwsCode('ERR_WASMSH_PLUGIN_INVALID', () => registryOf(named('No Name')))
    throwsCode('ERR_WASMSH_PLUGIN_INVALID', () =>
      registryOf({ ...named('meter'), track: undefined } as unknown as AnyPlugin),
    )
  })
})

suite('PluginRegistry.remove', (test) => {
  test('takes one away, unless others need it', () => {
    const registry = registryOf(named('a'), named('b', { dependsOn: ['a'] }))
    throwsCode('ERR_WASMSH_PLUGIN_DEPENDENCY', () => registry.remove('a'))
    registry.remove('b')
    registry.remove('a')
    assert.equal(registry.all(), [])
    throwsCode('ERR_WASMSH_PLUGIN_UNKNOWN', () => registry.remove('a'))
  })
})
