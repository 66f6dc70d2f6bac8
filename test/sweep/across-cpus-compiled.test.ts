/** Guests in compiled code that go to other CPUs and come back, to compiled code or an interpreter. */
import * as assert from 'uvu/assert'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { compileFor } from '../support/cross-compiled.js'
import { type CrossCpu, crossCpus, missingCpu } from '../support/cross-host.js'
import { textGuest } from '../support/guest-programs.js'
import { cruncher } from '../support/guests.js'
import { type Journey, moveAcross } from '../support/move-across.js'
import { suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { compileWat } from '../support/wat.js'
import { journeyName, journeysOf } from './journeys.js'

/** Stopped as often as they can be. */
const small = ['indirect', 'tail-calls'] as const

/** Code that has been optimized less stops at the same places. */
const unoptimized: Journey = { from: 'aot', there: 'aot', back: 'aot', level: 0 }

const compiled: Journey = { from: 'aot', there: 'aot', back: 'aot' }

/** CPUs that WAMR can load compiled code for, with vectors and without. */
const withVectors: readonly CrossCpu[] = ['aarch64']
const withCode: readonly CrossCpu[] = ['aarch64', 'riscv64']

/** Long enough to be met there, and short enough for an emulated interpreter. */
function roundsOf({ from, there, back }: Journey): number {
  return from === 'aot' && there === 'aot' && back === 'aot' ? 50_000_000 : 5_000_000
}

suite('a guest in compiled code that goes to another CPU and back', (test) => {
  for (const cpu of crossCpus) {
    const reason = missingCpu(cpu) ?? (hasCompiler ? undefined : noCompiler)
    if (reason !== undefined) {
      test.skip(cpu, reason)
      continue
    }
    const journeys = [...journeysOf(cpu), ...(withVectors.includes(cpu) ? [unoptimized] : [])]
    for (const journey of journeys) {
      test(`computing, ${cpu}, ${journeyName(journey)}`, async () => {
        const module = await compileWat(cruncher(roundsOf(journey)))
        const moves = await moveAcross({ name: 'computing', module }, cpu, journey, 4)

        assert.equal(moves.mismatches, [])
        assert.is(moves.taken, 4)
        assert.ok(moves.takenThere > 0)
      })
    }
    if (!withCode.includes(cpu)) continue
    for (const name of [...small, ...(withVectors.includes(cpu) ? ['vectors'] : [])]) {
      test(`${name}, ${cpu}, at its stops`, async () => {
        const program = { name, module: await textGuest(name) }
        const moves = await moveAcross(program, cpu, compiled, 'as often as it stops')

        assert.equal(moves.mismatches, [])
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
