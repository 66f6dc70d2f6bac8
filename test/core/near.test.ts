import * as assert from 'uvu/assert'
import { didYouMean, nearNames } from '../../src/core/near.js'
import { suite } from '../support/suite.js'

suite('nearNames', (test) => {
  const names = ['pause', 'resume', 'recover', 'run', 'snapshot', 'snapshots', 'step']
  const cases: readonly [string, readonly string[]][] = [
    ['puase', ['pause']],
    ['snapshto', ['snapshot', 'snapshots']],
    ['RESUME', ['resume']],
    ['snap', ['snapshot', 'snapshots']],
    ['xyzzy', []],
    ['', []],
  ]
  for (const [typed, near] of cases) {
    test(`"${typed}" is near ${near.join(', ') || 'nothing'}`, () => {
      assert.equal(nearNames(typed, names), near)
    })
  }

  test('stays quick on long text', () => {
    const startMs = performance.now()
    nearNames('a'.repeat(1_000_000), [...names, 'b'.repeat(1_000_000)])
    assert.ok(performance.now() - startMs < 500)
  })
})

suite('didYouMean', (test) => {
  test('asks about what is near, else says what was given', () => {
    assert.is(
      didYouMean('snapshto', ['snapshot', 'snapshots'], 'x'),
      'Did you mean "snapshot" or "snapshots"?',
    )
    assert.is(didYouMean('zzz', ['snapshot'], 'Look it up.'), 'Look it up.')
  })
})
