import * as assert from 'uvu/assert'
import { Evaluator, IncompleteCode, isExpression } from '../../src/shell/evaluator.js'
import { suite } from '../support/suite.js'
import { rejectsCode } from '../support/throws.js'

async function withEvaluator(body: (evaluator: Evaluator) => Promise<void>): Promise<void> {
  const evaluator = await Evaluator.create(null)
  try {
    await body(evaluator)
  } finally {
    evaluator.close()
  }
}

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown')
}

suite('Evaluator', (test) => {
  test('keeps declarations, also those that await', () =>
    withEvaluator(async (evaluator) => {
      await evaluator.evaluate('const a = await Promise.resolve(5); let { b } = { b: 2 }', 'x')
      assert.is(await evaluator.evaluate('a + b', 'x'), 7)
      assert.is(evaluator.valueOf('a * b'), 10)
      assert.is(evaluator.isDefined('b'), true)
      assert.is(evaluator.isDefined('c'), false)
    }))

  test('tells code that needs more lines from code that is wrong', () =>
    withEvaluator(async (evaluator) => {
      for (const code of ['function f() {', 'if (1) {', 'await f(', '`abc', '[1,']) {
        assert.instance(await thrownBy(evaluator.evaluate(code, 'x')), IncompleteCode, code)
      }
      for (const code of ['a b', ')', 'const = 5']) {
        const error = await thrownBy(evaluator.evaluate(code, 'x'))
        assert.is((error as Error).name, 'SyntaxError', code)
      }
    }))

  test('throws what the code throws, with its place', () =>
    withEvaluator(async (evaluator) => {
      for (const code of [
        'throw new TypeError("no")',
        'await Promise.reject(new TypeError("no"))',
      ]) {
        const error = (await thrownBy(evaluator.evaluate(`\n\n${code}`, 'file.wsh'))) as Error
        assert.is(error.message, 'no')
        assert.match(error.stack ?? '', 'file.wsh:3')
      }
    }))

  test('gives up an await that never comes when told to', () =>
    withEvaluator(async (evaluator) => {
      const stop = new AbortController()
      const waiting = evaluator.evaluate('await new Promise(() => {})', 'x', stop.signal)
      stop.abort()
      await rejectsCode('ERR_WASMSH_INTERRUPTED', () => waiting)
      assert.is(await evaluator.evaluate('1 + 1', 'x'), 2)
    }))

  test('hears of errors that nobody waits for', () =>
    withEvaluator(async (evaluator) => {
      const stray = new Promise<unknown>((resolve) => evaluator.onStrayError(resolve))
      await evaluator.evaluate('void setTimeout(() => { throw new Error("late") }, 1)', 'x')
      assert.is(((await stray) as Error).message, 'late')
    }))

  test('completes names', () =>
    withEvaluator(async (evaluator) => {
      await evaluator.evaluate('const something = { inner: 1 }', 'x')
      assert.equal(await evaluator.complete('someth'), [['something'], 'someth'])
      const [members] = await evaluator.complete('something.inn')
      assert.equal(members, ['something.inner'])
    }))
})

suite('isExpression', (test) => {
  test('knows expressions from other text', () => {
    for (const text of ['1', 'await f()', '{}', 'a, b', '(x) => x'])
      assert.ok(isExpression(text), text)
    for (const text of ['', 'a b', 'const a = 1', 'x ===', 'if (1) {}']) {
      assert.not(isExpression(text), text)
    }
  })
})
