import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { errorCodes } from '../../src/core/error-codes.js'
import { fromNative, fromSystem, nativeCall, WasmshError } from '../../src/core/errors.js'
import { suite } from '../support/suite.js'

const root = join(import.meta.dirname, '..', '..')

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .map((name) => join(root, folder, name))
}

/** Codes that TypeScript names in full. */
function codesInTypeScript(): Set<string> {
  const codes = new Set<string>()
  for (const file of filesBelow('src', /\.ts$/)) {
    if (file.endsWith('error-codes.ts')) continue
    for (const [code] of readFileSync(file, 'utf8').matchAll(/ERR_WASMSH_[A-Z_]+[A-Z]/g)) {
      codes.add(code)
    }
  }
  return codes
}

/** All words of capitals in quotes; of native code only those that make a Status are codes. */
function quotedWordsInNative(): Set<string> {
  const words = new Set<string>()
  for (const file of filesBelow('native', /\.(cc|h)$/)) {
    if (file.includes('/test/')) continue
    for (const [, word] of readFileSync(file, 'utf8').matchAll(/"([A-Z][A-Z_]+[A-Z])"/g)) {
      words.add(`ERR_WASMSH_${word}`)
    }
  }
  return words
}

suite('error codes', (test) => {
  test('every code that native code makes is in the table', () => {
    for (const file of filesBelow('native', /\.(cc|h)$/)) {
      if (file.includes('/test/')) continue
      const text = readFileSync(file, 'utf8')
      for (const [, code] of text.matchAll(/Status::Error\(\s*"([A-Z_]+)"/g)) {
        assert.ok(`ERR_WASMSH_${code}` in errorCodes, `${code} of ${file} is not in the table`)
      }
    }
  })

  test('every code of the table is raised somewhere', () => {
    const used = new Set([...codesInTypeScript(), ...quotedWordsInNative()])
    const unused = Object.keys(errorCodes).filter((code) => !used.has(code))
    assert.equal(unused, [])
  })

  test('every remedy is a sentence', () => {
    for (const [code, { remedy }] of Object.entries(errorCodes)) {
      assert.match(remedy, /^[A-Z"].*\.$/, code)
    }
  })

  test('the table is sorted', () => {
    assert.equal(Object.keys(errorCodes), Object.keys(errorCodes).sort())
  })

  test('docs/errors.md is generated from the table', () => {
    const check = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/docs.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    })
    assert.is(check.status, 0, check.stderr)
  })
})

suite('fromNative', (test) => {
  test('gives native errors their full code and the kind of it', () => {
    const error = fromNative(
      Object.assign(new Error('no space'), { code: 'STORE_FULL', errno: 28 }),
      { guest: 'calc' },
    )

    assert.is(error.code, 'ERR_WASMSH_STORE_FULL')
    assert.is(error.kind, 'environment')
    assert.is(error.errno, 28)
    assert.is(error.guest, 'calc')
    assert.is(error.message, 'no space')
  })

  test('calls what it does not know an internal error and keeps the cause', () => {
    const cause = new TypeError('x is not a function')

    const error = fromNative(cause)

    assert.is(error.code, 'ERR_WASMSH_INTERNAL')
    assert.is(error.cause, cause)
  })

  test('passes our own errors through', () => {
    const own = new WasmshError('ERR_WASMSH_GUEST_UNKNOWN', 'No guest is named "x"')
    let thrown: unknown
    try {
      nativeCall(() => {
        throw own
      })
    } catch (error) {
      thrown = error
    }
    assert.is(thrown, own)
  })
})

suite('fromSystem', (test) => {
  test('names the reason and keeps the number positive', () => {
    const system = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', errno: -2 })

    const error = fromSystem('ERR_WASMSH_MODULE_FILE', 'a.wasm cannot be read', system)

    assert.is(error.message, 'a.wasm cannot be read: ENOENT')
    assert.is(error.errno, 2)
  })
})
