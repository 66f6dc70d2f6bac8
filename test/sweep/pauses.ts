import * as assert from 'uvu/assert'
import { copier, cruncher, sleeper, waiter, writer } from '../support/guests.js'
import type { PauseProgram } from '../support/pause-job.js'
import { sweepPauses } from '../support/pause-sweep.js'
import type { Define } from '../support/suite.js'
import { gofmt } from '../support/toolchains.js'
import { compileWat } from '../support/wat.js'
import { gofmtProgram } from './real-programs.js'

/** A program to pause at any time. */
interface PauseCase extends Omit<PauseProgram, 'name' | 'module'> {
  readonly title: string
  readonly wat: string
  /** What it does most of the time: waits in a host call, or, with null, runs its own code. */
  readonly hostCall: string | null
}

const go = await gofmt()
const lines = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join('')

const cases: readonly PauseCase[] = [
  { title: 'computing', wat: cruncher(2_000_000), hostCall: null },
  { title: 'waiting for input', wat: copier, stdin: lines, hostCall: 'fd_read' },
  { title: 'waiting for a reader', wat: writer(20), isUnread: true, hostCall: 'fd_write' },
  { title: 'sleeping', wat: sleeper(10), hostCall: 'poll_oneoff' },
  { title: 'waiting on an address', wat: waiter(10), hostCall: null },
]

/** Defines a test for each program, with so many pauses. */
export function definePauseTests(test: Define, count: number): void {
  for (const { title, wat, hostCall, ...rest } of cases) {
    test(title, async () => {
      const program = { ...rest, name: title, module: await compileWat(wat) }
      const { mismatches, hostCalls } = await sweepPauses(program, count)
      assert.equal(mismatches, [])
      assert.is(hostCalls.length, count)
      const wanted = hostCall === null ? null : `wasi_snapshot_preview1.${hostCall}`
      assert.ok(hostCalls.includes(wanted), `met in ${hostCalls} only`)
    })
  }

  if (go.missing !== undefined) {
    test.skip('a Go program', go.missing)
    return
  }
  const { name, module, stdin = '' } = gofmtProgram(go.module)
  test('a Go program that starts, reads and computes', async () => {
    const { mismatches, outcome } = await sweepPauses({ name, module, stdin }, count)
    assert.equal(mismatches, [])
    assert.is(outcome, 'ended with exit code 0')
  })
}
