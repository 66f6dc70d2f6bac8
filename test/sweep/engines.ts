import * as assert from 'uvu/assert'
import type { Engine, PauseProgram, Pauses } from '../support/pause-job.js'
import { sweepPauses } from '../support/pause-sweep.js'
import type { Define } from '../support/suite.js'

/** From which engine to which others. */
export interface Direction {
  readonly from: Engine
  readonly to: readonly Engine[]
  /** "open": twins are made at each recovery, of the frames at hand; "quick": so are those that are
   *  not optimized, before. All of them are there by default. */
  readonly twins?: 'open' | 'quick'
}

/** Defines a test for each direction: the program is stored at its pauses in one process, recovered
 *  in another, and ends as a run without pauses does. */
export function defineEngineTests(
  test: Define,
  program: PauseProgram,
  directions: readonly Direction[],
  pauses: Pauses,
): void {
  for (const { from, to, twins = 'all' } of directions) {
    const how = { all: '', open: ', with twins on demand', quick: ', with quick twins' }[twins]
    test(`${program.name}, from ${from} to ${to.join(' and ')}${how}`, async () => {
      const result = await sweepPauses(
        {
          ...program,
          engine: from,
          recoverEngines: to,
          twins: twins === 'all' ? 'all' : 'open',
          isQuick: twins === 'quick',
        },
        pauses,
      )

      assert.equal(result.mismatches, [])
      const { length } = result.hostCalls
      if (typeof pauses === 'number') assert.is(length, pauses)
      else assert.ok(length > 0)
    })
  }
}

/** Random times of a program that is too large to have twins compiled for each of its stops. */
export function defineLargeEngineTests(test: Define, program: PauseProgram): void {
  defineEngineTests(test, program, [{ from: 'aot', to: ['aot'] }], 300)
  defineEngineTests(test, program, [{ from: 'aot', to: ['interp'] }], 20)
  defineEngineTests(test, program, [{ from: 'interp', to: ['aot'] }], 20)
}
