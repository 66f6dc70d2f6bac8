import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { ErrorCode } from '../../../src/core/errors.js'
import type { AnyPlugin } from '../../../src/core/plugin.js'
import { findPlugin } from '../../../src/core/plugin-package/find-plugin.js'
import { loadPlugin } from '../../../src/core/plugin-package/load-plugin.js'
import { counterText, writePackage } from '../../support/plugin-package.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode, throwsCode } from '../../support/throws.js'

const load = async (name: string, directory: string): Promise<AnyPlugin> =>
  await loadPlugin(findPlugin({ name, directory }))

suite('findPlugin', (test) => {
  test('finds a package by its name, here and above', async () => {
    await using folder = await temporaryDirectory()
    const root = join(folder.path, 'node_modules', '@someone', 'counter')
    writePackage(root, { 'index.js': counterText() })
    const deep = join(folder.path, 'a', 'b')
    mkdirSync(deep, { recursive: true })

    const origin = findPlugin({ name: '@someone/counter', directory: deep })

    assert.equal(origin, {
      kind: 'package',
      package: 'wasmsh-plugin-counter',
      version: '1.2.3',
      file: join(root, 'index.js'),
      folder: root,
    })
    assert.is((await loadPlugin(origin)).name, 'counter')
  })

  test('finds the folder of a package by its path, by "exports" or "main"', async () => {
    await using folder = await temporaryDirectory()
    const manifests = [
      { exports: { '.': { types: './x.d.ts', import: './lib/a.js' } }, main: 'none.js' },
      { exports: { import: { default: './lib/a.js' } } },
      { main: 'lib/a.js' },
    ]
    for (const [index, manifest] of manifests.entries()) {
      writePackage(join(folder.path, `p${index}`), {
        'package.json': JSON.stringify({ type: 'module', ...manifest }),
        'lib/a.js': counterText(),
      })
      assert.is((await load(`./p${index}`, folder.path)).name, 'counter')
    }
  })

  test('finds a module by its path, with the version of the package around it', async () => {
    await using folder = await temporaryDirectory()
    writePackage(folder.path, { 'lib/other.mjs': counterText() })

    const origin = findPlugin({ name: './lib/other.mjs', directory: folder.path })

    assert.is(origin.kind, 'file')
    assert.is(origin.version, '1.2.3')
  })

  const missing: readonly (readonly [what: string, name: string, message: RegExp])[] = [
    ['a package that is not installed', 'nothing-here', /There is no package "nothing-here"/],
    ['a path that leads nowhere', './nothing', /There is no plugin at .*\/nothing$/],
    ['a folder without package.json', './empty', /empty has no package\.json/],
    ['a package that is not built', './unbuilt', /names is not there: .*dist\/index\.js/],
    ['a package without an export for import', './closed', /exports no module to "import"/],
    ['a package.json that is no JSON', './broken', /broken\/package\.json cannot be read/],
    ['a package whose module is outside of it', './outside', /is not there/],
    ['no name', '', /is no package and no path/],
  ]
  for (const [what, name, message] of missing) {
    test(`refuses ${what}`, async () => {
      await using folder = await temporaryDirectory()
      const write = (at: string, manifest: string) =>
        writePackage(join(folder.path, at), { 'package.json': manifest })
      mkdirSync(join(folder.path, 'empty'))
      write('unbuilt', '{ "exports": "./dist/index.js" }')
      write('closed', '{ "exports": { "require": "./index.cjs" } }')
      write('broken', '{')
      write('outside', '{ "main": "../x.js" }')
      writeFileSync(join(folder.path, 'x.js'), counterText())

      const error = throwsCode('ERR_WASMSH_PLUGIN_FILE', () =>
        findPlugin({ name, directory: folder.path }),
      )
      assert.match(error.message, message)
    })
  }

  test('asks whether a path was meant', async () => {
    await using folder = await temporaryDirectory()
    writePackage(join(folder.path, 'kv'), { 'index.js': counterText() })

    const error = throwsCode('ERR_WASMSH_PLUGIN_FILE', () =>
      findPlugin({ name: 'kv', directory: folder.path }),
    )

    assert.is(error.hint, 'Did you mean "./kv"?')
  })
})

suite('loadPlugin', (test) => {
  test('takes an export named "plugin", too', async () => {
    await using folder = await temporaryDirectory()
    const text = counterText().replace('export default', 'export const plugin =')
    writePackage(folder.path, { 'index.js': text })

    assert.is((await load('.', folder.path)).name, 'counter')
  })

  const broken: readonly (readonly [
    what: string,
    text: string,
    code: ErrorCode,
    message: RegExp,
    hint?: RegExp,
  ])[] = [
    [
      'a mistake of syntax',
      'export default {',
      'ERR_WASMSH_PLUGIN_LOAD',
      /index\.js cannot be loaded: SyntaxError: /,
    ],
    [
      'a module that throws',
      'throw new Error("not today")',
      'ERR_WASMSH_PLUGIN_LOAD',
      /cannot be loaded: not today$/,
    ],
    ['a module that throws no error', 'throw 7', 'ERR_WASMSH_PLUGIN_LOAD', /cannot be loaded: 7$/],
    [
      'a package that is missing',
      'import "wasmsh-is-not-here"',
      'ERR_WASMSH_PLUGIN_LOAD',
      /Cannot find package 'wasmsh-is-not-here'/,
      /npm install wasmsh-is-not-here/,
    ],
    [
      'another export',
      'export const kv = {}',
      'ERR_WASMSH_PLUGIN_INVALID',
      /index\.js exports no plugin/,
      /it exports kv\./,
    ],
    ['no export', '', 'ERR_WASMSH_PLUGIN_INVALID', /exports no plugin/, /it exports nothing\./],
    [
      'a plugin for another contract',
      counterText({ apiVersion: 99 }),
      'ERR_WASMSH_PLUGIN_API',
      /Plugin "counter" needs version 99 of the contract/,
    ],
    [
      'half a plugin',
      'export default { name: "half", apiVersion: 1 }',
      'ERR_WASMSH_PLUGIN_INVALID',
      /Plugin "half" lacks a part/,
    ],
    [
      'a name with blanks',
      counterText({ name: 'my plugin' }),
      'ERR_WASMSH_PLUGIN_INVALID',
      /"my plugin" cannot be the name/,
    ],
  ]
  for (const [what, text, code, message, hint] of broken) {
    test(`refuses ${what}`, async () => {
      await using folder = await temporaryDirectory()
      writePackage(folder.path, { 'index.js': text })

      const error = await rejectsCode(code, () => load('.', folder.path))

      assert.match(error.message, message)
      if (hint !== undefined) assert.match(error.hint, hint)
    })
  }
})
