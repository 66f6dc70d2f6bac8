import * as assert from 'uvu/assert'
import { splitAssertion, splitComparison } from '../../src/shell/assertion.js'
import { suite } from '../support/suite.js'

suite('splitAssertion', (test) => {
  const cases: readonly (readonly [text: string, expression: string, message: string | null])[] = [
    ['a === 1', 'a === 1', null],
    ["a === 'x'", "a === 'x'", null],
    ["a === 'x' 'why it matters'", "a === 'x'", 'why it matters'],
    ['a === 1, "with a comma"', 'a === 1', 'with a comma'],
    [`f("x") 'it\\'s so'`, 'f("x")', "it's so"],
    ["await f() 'msg'", 'await f()', 'msg'],
    ['typeof a === `b`', 'typeof a === `b`', null],
    ["'x'", "'x'", null],
    ['f(a, "b")', 'f(a, "b")', null],
  ]
  for (const [text, expression, message] of cases) {
    test(`splits ${text}`, () => assert.equal(splitAssertion(text), { expression, message }))
  }
})

suite('splitComparison', (test) => {
  test('finds the sides of one equality', () => {
    assert.equal(splitComparison('await f() !== g[0]'), {
      left: 'await f()',
      operator: '!==',
      right: 'g[0]',
    })
  })

  test('keeps its hands off everything else', () => {
    for (const text of [
      'a',
      'a === b && c',
      'a ? b == c : d',
      '(x) => x == 1',
      "f('a==b')",
      'a == b == c',
    ]) {
      assert.is(splitComparison(text), null, text)
    }
  })
})
