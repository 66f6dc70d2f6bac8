/** Guests that go to other CPUs, some of the other byte order, and come back; in the interpreter. */
import * as assert from 'uvu/assert'
import { crossCpus, missingCpu } from '../support/cross-host.js'
import { textGuest } from '../support/guest-programs.js'
import { suite } from '../support/suite.js'
import { sweepAcross } from '../support/sweep.js'
import { requireNoMismatch, type SweepOptions } from '../support/sweep-suite.js'

const guests: Readonly<Record<string, SweepOptions>> = {
  memory: {},
  floats: {},
  atomics: {},
  'host-calls': {},
  tables: {},
  traps: { invoke: 'unreachable' },
}

suite('a guest that goes to another CPU and back', (test) => {
  for (const cpu of crossCpus) {
    const reason = missingCpu(cpu)
    if (reason !== undefined) {
      test.skip(cpu, reason)
      continue
    }
    for (const [guest, options] of Object.entries(guests)) {
      test(`${guest}, ${cpu}`, async () => {
        const program = { name: guest, module: await textGuest(guest), ...options }
        const result = await sweepAcross(program, cpu, { count: 12, seed: 1 })

        requireNoMismatch(guest, result)
        assert.ok(result.recoveries > 2 * result.points)
      })
    }
  }
}, 120_000)
