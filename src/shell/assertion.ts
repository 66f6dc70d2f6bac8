import { isExpression } from './evaluator.js'

/**
 * Takes the message off the end of an assertion: a quoted text behind a whole expression, with or
 * without a comma between.
 */
export function splitAssertion(text: string): { expression: string; message: string | null } {
  const whole = text.trim()
  for (const quote of ['"', "'", '`']) {
    if (!whole.endsWith(quote)) continue
    const start = startOfQuoted(whole, quote)
    const expression = whole.slice(0, Math.max(0, start)).trim().replace(/,$/, '').trim()
    if (start > 0 && isExpression(expression)) {
      const message = whole.slice(start + 1, -1).replaceAll(`\\${quote}`, quote)
      return { expression, message }
    }
  }
  return { expression: whole, message: null }
}

/** Index of the quote that the last character closes; -1 without. */
function startOfQuoted(text: string, quote: string): number {
  for (let at = text.length - 2; at >= 0; at--) {
    if (text[at] === quote && text[at - 1] !== '\\') return at
  }
  return -1
}

/** The sides of an expression that is one equality and nothing that binds less tightly; else null.
 *  So both values can be shown when it fails, and each is computed once. */
export function splitComparison(
  expression: string,
): { left: string; operator: string; right: string } | null {
  const found = [...expression.matchAll(/[!=]==?/g)]
  const [first] = found
  if (found.length !== 1 || first === undefined || /[?:,;]|&&|\|\||=>/.test(expression)) return null
  const left = expression.slice(0, first.index).trim()
  const right = expression.slice(first.index + first[0].length).trim()
  if (!isExpression(left) || !isExpression(right)) return null
  return { left, operator: first[0], right }
}
