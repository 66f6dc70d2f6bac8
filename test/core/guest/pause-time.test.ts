/** How long a guest took to stand still, and that its thread hurries while somebody waits for that. */
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { NotBegun } from '../../../src/core/plugin.js'
import type { Guest, RunOptions } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { spinner } from '../../support/guests.js'
import { asking, meter } from '../../support/meter.js'
import { type PluginBench, pluginBench } from '../../support/plugin-bench.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { openWithCode } from '../../support/shell-with-code.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const satisfies RunOptions

/** What a guest's thread gives way by, and the end of the scale. */
const givenWay = 5
const lowest = 19

suite('the time of a pause', (test) => {
  test('is that of the latest one', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(await compileWat(spinner), quiet)
    assert.is(guest.info().pause, null)
    await guest.pause()
    const first = guest.info().pause
    assert.ok(first !== null && first.elapsedNs > 0n && first.cpuNs <= guest.info().cpuNs)

    await guest.step(3)
    assert.equal(guest.info().pause, first)
    guest.resume()
    await guest.pause()
    assert.not.equal(guest.info().pause, first)
    const last = guest.info().pause
    await guest.kill()
    assert.equal(guest.info().pause, last)
  })

  test('is none of a guest that was not told to pause', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(await compileWat(spinner), { ...quiet, paused: true })
    await guest.step(10)
    assert.is(guest.info().pause, null)
  })

  if (!hasCompiler) {
    test.skip('is that of compiled code, too', noCompiler)
  } else {
    test('is that of compiled code, too', async () => {
      await using folder = await temporaryDirectory()
      const shell = await openWithCode(join(folder.path, 'home'))
      try {
        const guest = await shell.run(await compileWat(spinner), { ...quiet, engine: 'aot' })
        while (!guest.info().inCompiled) await setImmediate()
        await guest.pause()
        const { pause, cpuNs } = guest.info()
        assert.ok(pause !== null && pause.elapsedNs > 0n && pause.cpuNs <= cpuNs)
      } finally {
        await shell.close()
      }
    })
  }
})

suite("a guest's thread", (test) => {
  test('hurries from a request to pause until it stands still', async () => {
    const held = hold()
    await using b = await pluginBench([meter(held).plugin])
    const guest = await startHeld(b, held)
    const thread = threadOf(guest)
    assert.is(getPriority(thread), inNoHurry)

    const pausing = guest.pause()
    assert.is(getPriority(thread), mayRaise ? getPriority() : inNoHurry)
    held.release()
    await pausing
    while (getPriority(thread) !== inNoHurry) await setImmediate()
    assert.is(guest.state, 'paused')
  })

  test('does not hurry on when the pause was taken back', async () => {
    const held = hold()
    await using b = await pluginBench([meter(held).plugin], { pluginLimits: { pauseMs: 50 } })
    const guest = await startHeld(b, held)
    await rejectsCode('ERR_WASMSH_PLUGIN_PAUSE', () => guest.pause())
    assert.is(getPriority(threadOf(guest)), inNoHurry)
    assert.is(guest.info().pause, null)
    await guest.kill()
  })
})

const inNoHurry = Math.min(getPriority() + givenWay, lowest)

const mayRaise = ((): boolean => {
  const own = getPriority()
  try {
    setPriority(own - 1)
  } catch {
    return false
  }
  setPriority(own)
  return true
})()

/** A host function that nothing but `release` ends: it has not begun then. */
function hold(): { ask: () => Promise<number>; begun: Promise<void>; release: () => void } {
  let begin: () => void = () => undefined
  let release: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const ended = new Promise<number>((_, reject) => {
    release = () => reject(new NotBegun())
  })
  const ask = (): Promise<number> => {
    begin()
    return ended
  }
  return { ask, begun, release }
}

async function startHeld(b: PluginBench, held: ReturnType<typeof hold>): Promise<Guest> {
  const guest = await b.shell.run(await compileWat(asking), { ...quiet, file: 'meter.wasm' })
  await held.begun
  return guest
}

/** The number that the system knows a guest's thread by. */
function threadOf(guest: Guest): number {
  const found = readdirSync('/proc/self/task').find(
    (task) => readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim() === `guest ${guest.id}`,
  )
  return Number(found)
}
