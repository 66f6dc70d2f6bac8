/** What a guest has used is known when it has ended, whoever asks first. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { Guest, RunOptions } from '../../../src/index.js'
import { cruncher, writer } from '../../support/guests.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { openTestSession } from '../../support/test-session.js'
import { compileWat } from '../../support/wat.js'

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const satisfies RunOptions
const crunching = await compileWat(cruncher(10_000))

/** Whether a guest's thread is there. */
function hasThread(guest: Guest): boolean {
  return readdirSync('/proc/self/task').some((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim() === `guest ${guest.id}`
    } catch {
      return false // it has gone
    }
  })
}

suite('the last figures of a guest', (test) => {
  test('are there as soon as its end is told', async () => {
    await using b = await shellInFolder()
    for (let time = 0; time < 10; time++) {
      const guest = await b.shell.run(crunching, { ...quiet, paused: true })
      const atEnd = new Promise<bigint>((resolve) => {
        guest.once('ended', () => resolve(guest.info().cpuNs))
      })
      guest.resume()
      await guest.wait({ until: 'end' })
      const { cpuNs, memoryBytes } = guest.info()
      assert.ok(cpuNs > 0n)
      assert.is(cpuNs, await atEnd)
      assert.is(memoryBytes, 65536)
    }
  })

  test('are there while nobody has heard of its end', async () => {
    await using b = await shellInFolder()
    for (let time = 0; time < 10; time++) {
      const guest = await b.shell.run(await compileWat(writer(50)), {
        ...quiet,
        paused: true,
      })
      guest.resume()
      // No news is delivered meanwhile.
      while (hasThread(guest)) guest.info()
      const { cpuNs, memoryBytes, stdoutBytes, hostCalls } = guest.info()
      assert.is(guest.state, 'running')
      assert.ok(cpuNs > 0n)
      assert.equal([memoryBytes, stdoutBytes, hostCalls], [65536, 3_000_000n, 50n])
      await guest.wait()
    }
  })

  test('are those of a guest that was killed, too', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(await compileWat(cruncher(2 ** 31 - 1)), quiet)
    while (guest.info().cpuNs === 0n) await setImmediate()
    await guest.kill()
    const { cpuNs, memoryBytes } = guest.info()
    assert.ok(cpuNs > 0n)
    assert.is(memoryBytes, 65536)
    assert.is(guest.info().cpuNs, cpuNs)
  })

  test('are shown by info', async () => {
    await using t = await openTestSession([])
    const file = join(t.folder, 'module.wasm')
    writeFileSync(file, crunching)
    await t.line(`run ${file} --name g`)
    const { result } = (await t.json('info g')) as { result: { info: { cpuNs: string } } }
    assert.ok(BigInt(result.info.cpuNs) > 0n, result.info.cpuNs)
  })
})
