import type { ErrorKind } from '../core/errors.js'
import { describeError } from './json.js'

/** How wasmsh exits when the line that it belongs to was the last. */
export interface ExitStatus {
  readonly code: number
  /** Whose code it is. */
  readonly by: 'guest' | 'wasmsh'
}

/** Exit codes of the wasmsh program; README and `wasmsh --help` list them. */
export const exitCodes = {
  done: 0,
  internal: 1,
  user: 2,
  environment: 3,
  trapped: 125,
  /** A signal's number is added. */
  signal: 128,
} as const

const byKind: Readonly<Record<ErrorKind, number>> = {
  internal: exitCodes.internal,
  user: exitCodes.user,
  environment: exitCodes.environment,
}

export const done: ExitStatus = { code: exitCodes.done, by: 'wasmsh' }

const sigint = 2

/** Exit status after an error that nothing handled. */
export function statusOfError(error: unknown, code?: string): ExitStatus {
  const report = describeError(error, code)
  if (report.code === 'ERR_WASMSH_INTERRUPTED') {
    return { code: exitCodes.signal + sigint, by: 'wasmsh' }
  }
  return { code: byKind[report.kind], by: 'wasmsh' }
}

/** Exit status that stands for a guest's: a process has 8 bits; what does not fit must not turn
 *  into 0. */
export function statusOfGuest(code: number): ExitStatus {
  const byte = code & 0xff
  return { code: byte === 0 && code !== 0 ? 1 : byte, by: 'guest' }
}
