import * as assert from 'uvu/assert'
import { compareRuns } from '../../../src/core/verify/verify-compare.js'
import { repeatWords } from '../../../src/core/verify/verify-repeat.js'
import type { RunResult } from '../../../src/core/verify/verify-types.js'
import { suite } from '../../support/suite.js'

const run: RunResult = {
  outcome: 'ended with exit code 0',
  stdout: Buffer.from('hello world'),
  stderr: new Uint8Array(0),
  files: 'aa',
  state: 'bb',
  instructions: 10n,
}

suite('compareRuns', (test) => {
  test('finds nothing between equal runs, nor where a state is not known', () => {
    assert.equal(compareRuns(run, { ...run, stdout: Buffer.from('hello world') }), [])
    assert.equal(compareRuns(run, { ...run, state: null }), [])
  })

  test('takes a trap in compiled code, which has no place, for that of the interpreter', () => {
    const trapped = { ...run, outcome: 'trapped in function 3 at 7: unreachable' }
    const compiled = { ...trapped, outcome: 'trapped somewhere: unreachable' }
    assert.equal(compareRuns(trapped, compiled), [])
    const other = { ...trapped, outcome: 'trapped somewhere: out of bounds memory access' }
    assert.is(compareRuns(trapped, other).length, 1)
    assert.is(compareRuns(run, compiled).length, 1)
  })

  const changes: readonly [string, Partial<RunResult>][] = [
    ['outcome', { outcome: 'ended with exit code 1' }],
    ['stdout', { stdout: Buffer.from('hello worle') }],
    ['stdout', { stdout: Buffer.from('hello') }],
    ['stderr', { stderr: Buffer.from('!') }],
    ['files', { files: 'ab' }],
    ['state', { state: 'bc' }],
  ]
  for (const [aspect, change] of changes) {
    test(`finds another ${aspect}: ${JSON.stringify(change)}`, () => {
      const differences = compareRuns(run, { ...run, ...change })
      assert.equal(
        differences.map((one) => one.aspect),
        [aspect],
      )
    })
  }

  test('shows where bytes begin to differ', () => {
    const [difference] = compareRuns(run, { ...run, stdout: Buffer.from('hello wOrld') })
    assert.is(difference?.expected, '11 bytes, from byte 0: "hello world"')
  })
})

suite('repeatWords', (test) => {
  test('repeats every option that matters', () => {
    const words = repeatWords(
      'a.wasm',
      {
        seed: 3n,
        deterministic: { clockNs: 5n },
        dirs: [{ host: 'data', guest: '/d' }],
        env: { K: 'V' },
        stdin: { file: 'in' },
        args: ['-x'],
      },
      [1n, 2n],
    )
    assert.is(
      words.join(' '),
      'verify a.wasm --at 1 --at 2 --seed 3 --clock 5 --dir data::/d --env K=V --stdin in -- -x',
    )
  })
})
