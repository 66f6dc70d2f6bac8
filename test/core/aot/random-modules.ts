import * as assert from 'uvu/assert'
import { randomProgram } from '../../support/random-program.js'
import { suite } from '../../support/suite.js'
import { requireSurvival } from '../../support/suspension.js'

/** Suspends that many random modules, from a seed on, at every visit of every stable point. */
export function survivesAtRandom(first: number, count: number): void {
  suite('suspension of random modules', (test) => {
    for (let from = first; from < first + count; from += 10) {
      test(`seeds ${from} to ${from + 9}`, async () => {
        let stops = 0
        for (let seed = from; seed < from + 10; seed++) {
          stops += requireSurvival(`seed ${seed}`, await randomProgram(seed))
        }
        assert.ok(stops > 100, `${stops} stops`)
      })
    }
  }, 120_000)
}
