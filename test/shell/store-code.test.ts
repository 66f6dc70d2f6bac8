/** What `store code` tells of the compiled code that is kept, and how it goes. */
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { CachedCode } from '../../src/index.js'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { spinner } from '../support/guests.js'
import { suite } from '../support/suite.js'
import { openTestSession, type TestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

interface Codes {
  readonly cleared: boolean
  readonly bytes: number
  readonly codes: readonly CachedCode[]
}

async function codesOf(t: TestSession, line = 'store code'): Promise<Codes> {
  return ((await t.json(line)) as { result: Codes }).result
}

async function withModule(): Promise<TestSession & { file: string; cache: string }> {
  const session = await openTestSession([])
  const file = join(session.folder, 'module.wasm')
  writeFileSync(file, await compileWat(spinner))
  return { ...session, file, cache: join(session.folder, 'store', 'compiled') }
}

suite('store code', (test) => {
  test('has nothing to tell or to clear at first', async () => {
    await using t = await openTestSession([])
    assert.match(await t.line('store code'), /^No compiled code/)
    assert.match(await t.line('store code --clear'), /^Removed 0 builds of compiled code, 0 /)
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('store gc --clear'))
  })

  test('counts what no wasmsh of this version has made, and clears it', async () => {
    await using t = await openTestSession([])
    const old = join(t.folder, 'store', 'compiled', 'a'.repeat(64))
    mkdirSync(old, { recursive: true })
    writeFileSync(join(old, 'code.aot'), 'x'.repeat(1000))
    const { codes, bytes } = await codesOf(t)
    assert.equal(
      codes.map(({ origin, directory }) => [origin, directory]),
      [[null, old]],
    )
    assert.is(bytes, 1000)
    const shown = await t.line('store code')
    assert.match(shown, /of another version/, shown)
    await t.line('store code --clear')
    assert.equal(readdirSync(join(t.folder, 'store', 'compiled')), [])
  })

  if (!hasCompiler) return test.skip('lists code with its twins', noCompiler)

  test('lists code with its twins, what was used last first', async () => {
    await using t = await withModule()
    await t.line(`compile ${t.file} --target aarch64`)
    const [other = ''] = readdirSync(t.cache)
    utimesSync(join(t.cache, other), 1000, 1000)
    const guest = await t.shell.run(t.file, { engine: 'aot', stdin: 'null' })
    await guest.pause()
    guest.resume()
    // Quick ones, then the best: the guest may be busy until it can take both at once.
    while ((await codesOf(t)).codes[0]?.twins !== 2) await setImmediate()

    const { codes, bytes } = await codesOf(t)
    assert.equal(
      codes.map(({ origin, twins }) => [origin?.file, origin?.module, origin?.target, twins]),
      [
        [t.file, guest.info().moduleSha256, null, 2],
        [t.file, guest.info().moduleSha256, 'aarch64', 0],
      ],
    )
    assert.is(codes[1]?.used, '1970-01-01T00:16:40.000Z')
    const sizes = readdirSync(t.cache).flatMap((entry) =>
      readdirSync(join(t.cache, entry)).map((name) => statSync(join(t.cache, entry, name)).size),
    )
    assert.is(
      bytes,
      sizes.reduce((sum, size) => sum + size, 0),
    )
    const text = await t.line('store code')
    assert.match(text, /module\.wasm +[0-9a-f]{12} +own +2 /)
    assert.match(text, /module\.wasm +[0-9a-f]{12} +aarch64 +0 /)
    assert.match(text, /2 builds of compiled code, .* at most 64 are kept/)
  })

  test('clears it all, also under a guest that runs in it', async () => {
    await using t = await withModule()
    const guest = await t.shell.run(t.file, { engine: 'aot', stdin: 'null' })
    const { codes, cleared } = await codesOf(t, 'store code --clear')
    assert.equal([codes.length, cleared], [1, true])
    assert.equal(readdirSync(t.cache), [])

    await guest.pause()
    assert.is(guest.frames()[0]?.name, '_start')
    guest.resume()
    await guest.whenCompiled()
    await guest.kill()
    assert.match(await t.line(`compile ${t.file}`), /is compiled/)
    assert.match(await t.line(`compile ${t.file}`), /was compiled already/)
  })
}, 60_000)
