/** Compiled guests that go to other CPUs and come back: real programs, and small ones at all stops. */
import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { crossCpus, missingCpu } from '../support/cross-host.js'
import { textGuest } from '../support/guest-programs.js'
import { type Journey, moveAcross } from '../support/move-across.js'
import { suite } from '../support/suite.js'
import { compress } from '../support/toolchains.js'
import { journeyName, journeysOf } from './journeys.js'

const small = ['calls', 'host-calls', 'memory', 'references'] as const
const compiled: Journey = { from: 'aot', there: 'aot', back: 'aot' }
const c = await compress()

suite('small compiled guests that go to another CPU and back', (test) => {
  for (const cpu of ['aarch64', 'riscv64'] as const) {
    const reason = missingCpu(cpu) ?? (hasCompiler ? undefined : noCompiler)
    if (reason !== undefined) {
      test.skip(cpu, reason)
      continue
    }
    for (const name of small) {
      test(`${name}, ${cpu}`, async () => {
        const program = { name, module: await textGuest(name) }
        const moves = await moveAcross(program, cpu, compiled, 'as often as it stops')

        assert.equal(moves.mismatches, [])
      })
    }
  }
}, 3_600_000)

suite('libzstd in compiled code, to another CPU and back', (test) => {
  for (const cpu of crossCpus) {
    const reason = missingCpu(cpu) ?? (hasCompiler ? c.missing : noCompiler)
    if (reason !== undefined || c.missing !== undefined) {
      test.skip(cpu, reason ?? '')
      continue
    }
    const program = { name: 'compress', module: readFileSync(c.module), args: ['64'] }
    for (const journey of journeysOf(cpu)) {
      // Twins of one stack take half a minute to make.
      const count = journey.twins === 'open' ? 3 : 20
      test(`${cpu}, ${journeyName(journey)}`, async () => {
        const moves = await moveAcross(program, cpu, journey, count)

        assert.equal(moves.mismatches, [])
        assert.is(moves.taken, count)
      })
    }
  }
}, 3_600_000)
