/** wasmsh-compiler, and what is made of what it says. */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { findBuilt } from '../../../src/core/built.js'
import { openShell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { counter } from '../../support/guests.js'
import { canMount, smallDisk } from '../../support/small-disk.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

const [program = ''] = findBuilt('wasmsh-compiler').filter((path) => existsSync(path))
const module = await compileWat(counter(5))

/** Exit status of the compiler, and what it says. */
async function run(...options: readonly string[]): Promise<readonly [unknown, string]> {
  try {
    const { stderr } = await promisify(execFile)(program, options)
    return [0, stderr]
  } catch (error) {
    const { code, stderr } = error as { code: unknown; stderr: string }
    return [code, stderr]
  }
}

suite('the compiler, when it cannot write,', (test) => {
  test('has told wasmsh why it failed', async () => {
    await using folder = await temporaryDirectory()
    const compiler = join(folder.path, 'compiler')
    const shell = await openShell({ home: join(folder.path, 'home'), compiler })
    for (const [status, code] of [
      [1, 'ERR_WASMSH_COMPILE_FAILED'],
      [4, 'ERR_WASMSH_STORE_WRITE'],
      [5, 'ERR_WASMSH_STORE_FULL'],
    ] as const) {
      writeFileSync(compiler, `#!/bin/sh\necho 'it is so' >&2\nexit ${status}\n`)
      chmodSync(compiler, 0o755)
      const { message } = await rejectsCode(code, () => shell.compile(module))
      assert.match(message, /it is so$/)
      assert.equal(readdirSync(join(folder.path, 'home', 'tmp')), [])
    }
    await shell.close()
  })

  if (!hasCompiler) return test.skip('says which file it is', noCompiler)

  test('says which file it is, whatever it is for', async () => {
    await using folder = await temporaryDirectory()
    const file = (name: string): string => join(folder.path, name)
    const { bytes, places } = instrument(module, { twins: 'open' })
    writeFileSync(file('in.wasm'), bytes)
    writeFileSync(file('places'), places)
    const all: Record<string, string> = {
      output: file('code'),
      traps: file('traps'),
      ir: file('ir'),
      places: file('places'),
    }
    const options = (changed: Record<string, string>): readonly string[] => [
      ...Object.entries({ ...all, ...changed }).map(([name, value]) => `--${name}=${value}`),
      file('in.wasm'),
    ]
    assert.is((await run(...options({})))[0], 0)
    assert.ok(readFileSync(file('ir'), 'utf8').includes('define'))
    for (const name of ['output', 'traps', 'ir']) {
      const nowhere = file('no/where')
      assert.equal(await run(...options({ [name]: nowhere })), [
        4,
        `${nowhere} cannot be written: No such file or directory\n`,
      ])
      assert.equal(await run(...options({ [name]: '/dev/full' })), [
        5,
        '/dev/full cannot be written: No space left on device\n',
      ])
    }
  })

  if (!canMount())
    return test.skip('leaves nothing on a full disk', 'no file system can be mounted')

  test('leaves nothing on a full disk', async () => {
    await using disk = smallDisk(24 * 1024)
    const shell = await openShell({ home: disk.path })
    await rejectsCode('ERR_WASMSH_STORE_FULL', () => shell.compile(module))
    assert.equal(readdirSync(join(disk.path, 'tmp')), [])
    assert.equal(
      existsSync(join(disk.path, 'compiled')) ? readdirSync(join(disk.path, 'compiled')) : [],
      [],
    )
    await shell.close()
  })
}, 60_000)
