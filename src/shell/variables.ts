import { WasmshError } from '../core/errors.js'
import type { Session } from './session.js'
import type { Word } from './words.js'

/**
 * Gives the values that `$NAME` and `${EXPRESSION}` stand for in a command: a script's arguments
 * ("1", "@", "#", "0"), then JavaScript, then the environment.
 */
export async function variableLookup(
  session: Session,
  words: readonly Word[],
): Promise<(source: string) => unknown> {
  const sources = words
    .flatMap((word) => word.parts)
    .flatMap((part) => (part.kind === 'value' ? [part.source] : []))
  const values = new Map<string, unknown>()
  for (const source of sources) values.set(source, await lookUp(session, source))
  return (source) => values.get(source)
}

async function lookUp(session: Session, source: string): Promise<unknown> {
  if (source === '@' || source === 'args') return session.scriptArguments
  if (source === '#') return session.scriptArguments.length
  if (source === '0') return session.scriptFile ?? 'wasmsh'
  if (/^\d+$/.test(source)) {
    return session.scriptArguments[Number(source) - 1] ?? unknown(`$${source}`)
  }
  const evaluator = await session.evaluator()
  const isName = /^[A-Za-z_$][\w$]*$/.test(source)
  if (!isName || evaluator.isDefined(source))
    return evaluate(() => evaluator.valueOf(source), source)
  return process.env[source] ?? unknown(`$${source}`)
}

function unknown(variable: string): never {
  throw new WasmshError('ERR_WASMSH_VARIABLE_UNKNOWN', `${variable} has no value`)
}

function evaluate(value: () => unknown, source: string): unknown {
  try {
    return value()
  } catch (error) {
    const reason = error instanceof Object && 'message' in error ? String(error.message) : error
    throw new WasmshError('ERR_WASMSH_JAVASCRIPT_THREW', `\${${source}} threw: ${reason}`, {
      cause: error,
    })
  }
}
