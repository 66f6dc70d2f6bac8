import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { StablePoints } from '../../../src/core/aot/stable-points.js'
import { chooseTwins } from '../../../src/core/compile/choose-twins.js'
import { suite } from '../../support/suite.js'
import { compileWat } from '../../support/wat.js'

const _origin = { module: '0'.repeat(64), file: 'x.wasm', target: null }

/** Function 1 has few points, function 2 has many. */
async function points(): Promise<StablePoints> {
  const calls = '(call $host)'.repeat(80)
  const module = await compileWat(`(module (import "host" "f" (func $host))
    (func $small (call $host)) (func $large (call $small) ${calls}))`)
  return new StablePoints(instrument(module, { twins: 'open' }).points)
}

suite('chooseTwins', (test) => {
  test('takes small functions whole, and of large ones the points at hand', async () => {
    const stack = [
      { function: 1, point: 1 },
      { function: 2, point: 7 },
      { function: 1, point: 0 },
    ]
    assert.equal(chooseTwins(stack, await points(), []), [
      { function: 1, point: 'all' },
      { function: 2, point: 7 },
    ])
  })

  test('keeps what was chosen before, in order', async () => {
    const before = [{ function: 2, point: 30 }]
    assert.equal(chooseTwins([{ function: 2, point: 4 }], await points(), before), [
      { function: 2, point: 4 },
      { function: 2, point: 30 },
    ])
  })
})
