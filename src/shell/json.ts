import { isErrorCode, type Problem, WasmshError } from '../core/errors.js'

/** What `--json` prints for an error. */
export interface ErrorReport {
  readonly code: string
  readonly kind: 'user' | 'environment' | 'internal'
  readonly message: string
  readonly hint: string
  readonly guest?: string
  readonly resource?: string
  readonly errno?: number
  readonly problems?: readonly Problem[]
}

function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}

/**
 * Formats a value as JSON on one line: bigint as decimal text, bytes as hex, numbers that JSON
 * lacks as text. What cannot be formatted at all (a cycle, say) becomes a text that says so.
 */
export function formatJson(value: unknown): string {
  try {
    return JSON.stringify(value, toPlain) ?? 'null'
  } catch {
    return JSON.stringify(`[${Object.prototype.toString.call(value).slice(8, -1)}: not JSON]`)
  }
}

/** Describes anything that was thrown. An error that is none of wasmsh's own came from a line of
 *  JavaScript, or is a bug: the caller knows which, and says so by `code`. */
export function describeError(thrown: unknown, code = 'ERR_WASMSH_INTERNAL'): ErrorReport {
  if (thrown instanceof WasmshError) {
    const { kind, message, hint, guest, resource, errno, problems } = thrown
    return {
      code: thrown.code,
      kind,
      message,
      hint,
      ...(guest === undefined ? {} : { guest }),
      ...(resource === undefined ? {} : { resource }),
      ...(errno === undefined ? {} : { errno }),
      ...(problems.length === 0 ? {} : { problems }),
    }
  }
  const known = new WasmshError(isErrorCode(code) ? code : 'ERR_WASMSH_INTERNAL', messageOf(thrown))
  return { code: known.code, kind: known.kind, message: known.message, hint: known.hint }
}

/** "TypeError: x is not a function" of an error of any realm; other values as text. */
function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    const name = 'name' in thrown && typeof thrown.name === 'string' ? thrown.name : 'Error'
    return `${name}: ${String(thrown.message)}`
  }
  return String(thrown)
}
