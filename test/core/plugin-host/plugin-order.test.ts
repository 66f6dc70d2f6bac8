import * as assert from 'uvu/assert'
import { orderPlugins } from '../../../src/core/plugin-host/plugin-order.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

const plugin = (name: string, ...dependsOn: readonly string[]) => ({ name, dependsOn })
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)

suite('orderPlugins', (test) => {
  test('keeps the order of plugins that need nothing', () => {
    assert.equal(names(orderPlugins([plugin('b'), plugin('a'), plugin('c')])), ['b', 'a', 'c'])
  })

  test('puts each behind those that it needs, however they are given', () => {
    const given = [plugin('ipc', 'sockets', 'files'), plugin('sockets', 'files'), plugin('files')]
    assert.equal(names(orderPlugins(given)), ['files', 'sockets', 'ipc'])
  })

  test('names the plugin that needs what is not there', () => {
    const error = throwsCode('ERR_WASMSH_PLUGIN_DEPENDENCY', () =>
      orderPlugins([plugin('locks', 'files')]),
    )
    assert.match(error.message, /"locks" needs plugin "files"/)
  })

  test('names a cycle as it goes, one of length one included', () => {
    const ring = [plugin('a', 'b'), plugin('b', 'c'), plugin('c', 'a')]
    const error = throwsCode('ERR_WASMSH_PLUGIN_CYCLE', () => orderPlugins(ring))
    assert.match(error.message, /a -> b -> c -> a/)
    const own = throwsCode('ERR_WASMSH_PLUGIN_CYCLE', () => orderPlugins([plugin('a', 'a')]))
    assert.match(own.message, /a -> a/)
  })
})
