import { inspect } from 'node:util'
import { WasmshError } from '../../core/errors.js'
import { usageError } from '../arguments.js'
import { splitAssertion, splitComparison } from '../assertion.js'
import { defineCommand } from '../command.js'
import type { Session } from '../session.js'

interface Result {
  readonly expression: string
  readonly message: string | null
}

export const assert = defineCommand<Result>({
  name: 'assert',
  group: 'Proving and scripting',
  summary: 'fails unless a JavaScript expression is true',
  usage: ['assert EXPRESSION [MESSAGE]'],
  isRaw: true,
  help: `EXPRESSION is JavaScript with await; what is in scope is told by "help javascript". MESSAGE is a quoted text at the end. When it fails, both sides of a comparison are shown, and a script stops there with exit code 2.`,
  examples: [
    'assert guest.exitCode === 0',
    "assert output.endsWith('done\\n') 'the program says so'",
    'assert (await frames()).total === 2',
  ],
  async run(session, input) {
    const { expression, message } = splitAssertion(input.text)
    if (expression === '') throw usageError(input.command, 'There is nothing to assert')
    const failure = await check(session, expression)
    if (failure === null) return { expression, message }
    const what = message === null ? expression : `${message} (${expression})`
    throw new WasmshError('ERR_WASMSH_ASSERT_FAILED', `Assertion failed: ${what}`, {
      hint: failure,
    })
  },
  rawText: ([value, message]) => {
    const condition = String(Boolean(value))
    return message === undefined ? condition : `${condition} ${JSON.stringify(String(message))}`
  },
  render: () => '',
})

const operators: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
  // biome-ignore lint/suspicious/noDoubleEquals: the expression asks for it
  '==': (a, b) => a == b,
  // biome-ignore lint/suspicious/noDoubleEquals: the expression asks for it
  '!=': (a, b) => a != b,
}

/** Null when the expression is true, else what its values were. */
async function check(session: Session, expression: string): Promise<string | null> {
  const evaluator = await session.evaluator()
  const evaluate = (code: string) => evaluator.evaluate(`(${code}\n)`, 'assert', session.signal)
  const comparison = splitComparison(expression)
  const compare = comparison === null ? undefined : operators[comparison.operator]
  if (comparison === null || compare === undefined) {
    const value = await evaluate(expression)
    return value ? null : `The value was ${show(value)}.`
  }
  const left = await evaluate(comparison.left)
  const right = await evaluate(comparison.right)
  if (compare(left, right)) return null
  return `The left side was ${show(left)}, the right side ${show(right)}.`
}

function show(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 400, depth: 2 })
}
