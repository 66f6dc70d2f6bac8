import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { runPlain, runSuspended } from '../../support/step-through.js'
import { buildForV8 } from '../../support/suspension.js'
import type { SweepProgram } from '../../support/sweep-job.js'
import { wasiProgram } from '../../support/wasi-program.js'

/** A new instance takes over after so many stops; between them a guest goes on where it is. */
const stopsPerInstance = 5000

/** Suspends a real program at every visit of every stable point; returns the number of stops. */
export function survivesEverywhere({ name, module, stdin = '', args = [] }: SweepProgram): number {
  const bytes = typeof module === 'string' ? readFileSync(module) : module
  const program = wasiProgram(bytes, { stdin, args })
  const plain = runPlain(program)
  const run = runSuspended(buildForV8(program.bytes), program, {
    stopsAt: () => true,
    inPlace: (stop) => stop % stopsPerInstance !== 0,
  })
  assert.is(run.outcome, plain.outcome, `${name} after ${run.stops} stops`)
  return run.stops
}
