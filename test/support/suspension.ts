import * as assert from 'uvu/assert'
import { type InstrumentOptions, instrument } from '../../src/core/aot/instrument.js'
import { runPlain, runSuspended, type StepOptions, type V8Program } from './step-through.js'
import type { SpilledState } from './suspended-guest.js'
import { v8 } from './v8.js'

/** A build for Node's own engine, which says so if it is not valid. */
export function buildForV8(bytes: Uint8Array, twins: InstrumentOptions['twins'] = 'all') {
  const built = instrument(bytes, { twins, exportState: true })
  assert.ok(v8.validate(built.bytes), 'the build is not valid')
  return built
}

/** How a guest is suspended: at every stable point, in four ways. */
const ways: Readonly<Record<string, (bytes: Uint8Array) => StepOptions>> = {
  'in a new instance each time': () => ({ stopsAt: () => true }),
  'with host calls begun twice': () => ({ stopsAt: () => true, undoesCalls: true }),
  'in the same instance': () => ({ stopsAt: () => true, inPlace: () => true }),
  'with twins of its frames only': (bytes) => ({
    stopsAt: () => true,
    rebuild: (frames) => buildForV8(bytes, frames),
  }),
}

export interface SuspensionOptions {
  /** Names of `ways` that are left out, with the reason in the test. */
  readonly without?: readonly string[]
  /** False for a program that this engine cannot run untouched. */
  readonly hasPlain?: boolean
}

/**
 * Runs a program untouched, and suspended at each visit of each stable point: results, traps, what
 * the host saw and the final state have to be the same. Returns the number of stops.
 */
export function requireSurvival(
  name: string,
  program: V8Program,
  { without = [], hasPlain = true }: SuspensionOptions = {},
): number {
  const built = buildForV8(program.bytes)
  const smooth = runSuspended(built, program, { stopsAt: () => false })
  const plain = hasPlain ? runPlain(program) : smooth
  assert.is(smooth.outcome, plain.outcome, `${name}: never suspended`)
  const state = stateText(smooth.state)
  let stops = 0
  for (const [way, options] of Object.entries(ways)) {
    if (without.includes(way)) continue
    const run = runSuspended(built, program, options(program.bytes))
    assert.is(run.outcome, plain.outcome, `${name}: ${way}, ${run.stops} stops`)
    assert.is(stateText(run.state), state, `${name}: state, ${way}`)
    stops += run.stops
  }
  return stops
}

/** A state as text that can be compared. */
export function stateText({ memory, globals, tables }: SpilledState): string {
  const bytes = memory === undefined ? '' : Buffer.from(memory).toString('base64')
  const values = [...globals].map(([index, bits]) => `${index}=${bits.join()}`)
  return [bytes, values.join(' '), JSON.stringify(tables)].join('\n')
}
