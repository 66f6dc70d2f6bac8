/** Guests that only compiled code can run, when what they need to go on cannot be made. */
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { Guest, Shell } from '../../../src/index.js'
import { openShell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { fragileCompiler } from '../../support/fragile-compiler.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { openTestSession } from '../../support/test-session.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

/** Goes round until somebody sets its global. */
const waiting = await compileWat(`(module (memory (export "memory") 1)
  (global $done (mut i32) (i32.const 0))
  (func (export "_start") (local $v v128)
    (i32.store (i32.const 0) (i32.const 1))
    (loop $again
      (local.set $v (i32x4.add (local.get $v) (v128.const i32x4 1 1 1 1)))
      (br_if $again (i32.eqz (global.get $done))))))`)

interface Fragile extends AsyncDisposable {
  readonly shell: Shell
  breaks(does: boolean): void
}

async function fragile(): Promise<Fragile> {
  const folder = await temporaryDirectory()
  const { program, breaks } = fragileCompiler(folder.path)
  const shell = await openShell({ home: join(folder.path, 'home'), compiler: program })
  return {
    shell,
    breaks,
    [Symbol.asyncDispose]: async () => {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function pausedIn(shell: Shell): Promise<Guest> {
  const guest = await shell.run(waiting, { engine: 'aot', stdin: 'null' })
  while (guest.readMemory(0, 1)[0] === 0) await setImmediate()
  await guest.pause()
  return guest
}

suite('a guest for which no code can be made', (test) => {
  if (!hasCompiler) return test.skip('stands still, and goes on when it can', noCompiler)

  test('stands still, and goes on when it can', async () => {
    await using b = await fragile()
    const guest = await pausedIn(b.shell)
    const before = guest.view().threads
    b.breaks(true)
    for (let time = 0; time < 2; time++) {
      guest.resume()
      assert.equal(await guest.wait(), { kind: 'paused', reason: 'no-code' })
      assert.match(guest.info().compileFailure ?? '', /it is broken$/)
      assert.equal(
        guest.view().threads.map(({ frames }) => frames),
        before.map(({ frames }) => frames),
      )
    }
    await guest.snapshot('kept', { sync: false })

    b.breaks(false)
    guest.set('global 0', 1)
    guest.resume()
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
    const again = await b.shell.recover('kept', { paused: true })
    again.set('global 0', 1)
    again.resume()
    assert.equal(await again.wait(), { kind: 'ended', code: 0 })
  })

  test('is paused and killed as any other meanwhile', async () => {
    await using b = await fragile()
    const guest = await pausedIn(b.shell)
    b.breaks(true)
    guest.resume()
    await guest.pause()
    assert.is(guest.state, 'paused')
    await guest.kill()
    assert.is(guest.state, 'killed')
    await rejectsCode('ERR_WASMSH_GUEST_ENDED', async () => guest.resume())
  })

  test('is an error of the command that lets it go on', async () => {
    await using folder = await temporaryDirectory()
    const { program, breaks } = fragileCompiler(folder.path)
    await using t = await openTestSession([], { compiler: program })
    const guest = await pausedIn(t.shell)
    breaks(true)
    const { message, hint } = await rejectsCode('ERR_WASMSH_COMPILED_CODE', () =>
      t.line(`resume ${guest.name}`),
    )
    assert.match(message, /cannot go on, and stands where it stood: .* it is broken$/)
    assert.match(hint, /"resume" tries again/)
    assert.is(guest.state, 'paused')
    assert.match(await t.line(`info ${guest.name}`), /it is broken/)
  })
}, 60_000)
