import * as assert from 'uvu/assert'
import { choosePositions, inChunks } from '../../../src/core/verify/verify-points.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

suite('choosePositions', (test) => {
  test('takes all of a small program', () => {
    assert.equal(choosePositions({ points: 5 }, 4n), [0n, 1n, 2n, 3n])
  })

  test('is ascending, different, spread and the same for the same seed', () => {
    const chosen = choosePositions({ points: 1000, seed: 5n }, 1_000_000n)

    assert.is(new Set(chosen).size, 1000)
    assert.equal(
      chosen,
      [...chosen].sort((a, b) => Number(a - b)),
    )
    assert.ok((chosen[0] ?? 0n) < 20_000n && (chosen.at(-1) ?? 0n) > 980_000n)
    assert.equal(choosePositions({ points: 1000, seed: 5n }, 1_000_000n), chosen)
    assert.not.equal(choosePositions({ points: 1000, seed: 6n }, 1_000_000n), chosen)
  })

  for (const points of [0, -1, 1.5, Number.NaN]) {
    test(`refuses ${points} points`, () => {
      throwsCode('ERR_WASMSH_OPTION_INVALID', () => choosePositions({ points }, 10n))
    })
  }
})

suite('inChunks', (test) => {
  test('keeps order and leaves nothing out', () => {
    assert.equal([...inChunks([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]])
  })
})
