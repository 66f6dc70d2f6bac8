/** Guests that go to other CPUs, some of the other byte order, and come back. */
import * as assert from 'uvu/assert'
import { crossCpus, missingCpu } from '../support/cross-host.js'
import { textGuest } from '../support/guest-programs.js'
import { suite } from '../support/suite.js'
import { sweepAcross } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'

const guests = ['memory', 'floats', 'atomics', 'host-calls', 'tables', 'traps'] as const

suite('a guest that goes to another CPU and back', (test) => {
  for (const cpu of crossCpus) {
    const reason = missingCpu(cpu)
    if (reason !== undefined) {
      test.skip(cpu, reason)
      continue
    }
    for (const guest of guests) {
      test(`${guest}, ${cpu}`, async () => {
        const program = { name: guest, module: await textGuest(guest) }
        const result = await sweepAcross(program, cpu, { count: 12, seed: 1 })

        requireNoMismatch(guest, result)
        assert.ok(result.recoveries > 2 * result.points)
      })
    }
  }
}, 120_000)
