/** Guests that go to other CPUs, some of the other byte order, and come back. */
import * as assert from 'uvu/assert'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { compileFor } from '../support/cross-compiled.js'
import { type CrossCpu, crossCpus, missingCpu } from '../support/cross-host.js'
import { textGuest } from '../support/guest-programs.js'
import { cruncher } from '../support/guests.js'
import { type Journey, moveAcross } from '../support/move-across.js'
import { suite } from '../support/suite.js'
import { sweepAcross } from '../support/sweep.js'
import { requireNoMismatch, type SweepOptions } from '../support/sweep-suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { compileWat } from '../support/wat.js'

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

/** Of CPUs that WAMR can load compiled code for, and of one that has the interpreter alone. */
const journeys: Readonly<Record<CrossCpu, readonly Journey[]>> = {
  aarch64: [
    { from: 'aot', there: 'aot', back: 'aot' },
    // Code that has been optimized less stops at the same places.
    { from: 'aot', there: 'aot', back: 'aot', level: 0 },
    { from: 'interp', there: 'aot', back: 'interp' },
  ],
  riscv64: [
    { from: 'aot', there: 'aot', back: 'aot' },
    { from: 'interp', there: 'aot', back: 'interp' },
  ],
  s390x: [{ from: 'aot', there: 'interp', back: 'aot' }],
}

function nameOf({ from, there, back, level }: Journey): string {
  return `${from} to ${there}${level === undefined ? '' : ` of level ${level}`} to ${back}`
}

suite('a guest in compiled code that goes to another CPU and back', (test) => {
  for (const cpu of crossCpus) {
    const reason = missingCpu(cpu) ?? (hasCompiler ? undefined : noCompiler)
    if (reason !== undefined) {
      test.skip(cpu, reason)
      continue
    }
    for (const journey of journeys[cpu]) {
      test(`computing, ${cpu}, ${nameOf(journey)}`, async () => {
        const module = await compileWat(cruncher(5_000_000))
        const moves = await moveAcross({ name: 'computing', module }, cpu, journey, { count: 4 })

        assert.equal(moves.mismatches, [])
        assert.is(moves.taken, 4)
        assert.ok(moves.takenThere > 0)
      })
    }
  }
}, 120_000)

suite('compiled code for other CPUs', (test) => {
  if (!hasCompiler) return test.skip('for s390x', noCompiler)

  test('cannot be made for s390x, which WAMR has no loader for', async () => {
    await using folder = await temporaryDirectory()
    const module = await textGuest('calls')
    const error = await compileFor('s390x', module, folder.path).then(
      () => '',
      (reason: unknown) => String((reason as { readonly stderr?: string }).stderr),
    )

    assert.match(error, /WAMR cannot load compiled code for "s390x"/)
  })
}, 60_000)
