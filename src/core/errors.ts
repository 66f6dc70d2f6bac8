import { getSystemErrorName } from 'node:util'
import { type ErrorCode, type ErrorKind, errorCodes } from './error-codes.js'

export type { ErrorCode, ErrorKind } from './error-codes.js'

/** One of several things that stand against what was asked, told all at once. */
export interface Problem {
  /** "/data/log.txt". */
  readonly resource: string
  /** A phrase that follows the resource: "was changed after the snapshot was taken". */
  readonly reason: string
  /** What to do about it. */
  readonly hint: string
}

/** What was involved, for messages and machine-readable output. */
export interface ErrorContext {
  /** What to do next in this very case; the code's own remedy when left out. */
  readonly hint?: string
  /** Name of the guest. */
  readonly guest?: string
  /** File, descriptor or other resource involved. */
  readonly resource?: string
  /** Host errno when a system call failed, e.g. 28 for ENOSPC. */
  readonly errno?: number
  /** Everything that is wrong, where the message has not room for all of it. */
  readonly problems?: readonly Problem[]
  readonly cause?: unknown
}

/** The one class of errors that wasmsh throws on purpose. The message is a sentence without a
 *  trailing period; code and remedy are in docs/errors.md. */
export class WasmshError extends Error {
  override readonly name = 'WasmshError'
  /** Who can act on it: decides wording and exit code. */
  readonly kind: ErrorKind
  readonly hint: string
  readonly guest: string | undefined
  readonly resource: string | undefined
  readonly errno: number | undefined
  readonly problems: readonly Problem[]

  constructor(
    readonly code: ErrorCode,
    message: string,
    context: ErrorContext = {},
  ) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause })
    this.kind = errorCodes[code].kind
    this.hint = context.hint ?? errorCodes[code].remedy
    this.guest = context.guest
    this.resource = context.resource
    this.errno = context.errno
    this.problems = context.problems ?? []
  }
}

/** Says whether a text is one of the codes of the table. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}

/** Turns what a native call threw into a WasmshError; passes one of those through. */
export function fromNative(thrown: unknown, context: ErrorContext = {}): WasmshError {
  if (thrown instanceof WasmshError) return thrown
  const native = thrown as { code?: unknown; message?: unknown; errno?: unknown }
  const message = typeof native?.message === 'string' ? native.message : String(thrown)
  const errno = typeof native?.errno === 'number' && native.errno !== 0 ? native.errno : undefined
  const code = typeof native?.code === 'string' ? `ERR_WASMSH_${native.code}` : ''
  const known = isErrorCode(code) ? code : 'ERR_WASMSH_INTERNAL'
  const details = { cause: thrown, ...context, ...(errno === undefined ? {} : { errno }) }
  return new WasmshError(known, message, details)
}

/** Calls into native code and gives its errors our class and a JavaScript stack. */
export function nativeCall<Result>(call: () => Result, context: ErrorContext = {}): Result {
  try {
    return call()
  } catch (error) {
    throw fromNative(error, context)
  }
}

/** The same for calls that answer by a promise. */
export async function nativePromise<Result>(
  call: () => Promise<Result>,
  context: ErrorContext = {},
): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    throw fromNative(error, context)
  }
}

/** Turns the error of a Node file call into a WasmshError of the given code. */
export function fromSystem(
  code: ErrorCode,
  message: string,
  thrown: unknown,
  context: ErrorContext = {},
): WasmshError {
  if (thrown instanceof WasmshError) return thrown
  const errno = systemErrno(thrown)
  const details = { cause: thrown, ...(errno === undefined ? {} : { errno }), ...context }
  return new WasmshError(code, `${message}: ${systemReason(thrown, errno)}`, details)
}

/** The number of a failed call of the system, by Node or by our own native code. */
export function systemErrno(thrown: unknown): number | undefined {
  const { errno } = (thrown ?? {}) as NodeJS.ErrnoException
  return typeof errno === 'number' && errno !== 0 ? Math.abs(errno) : undefined
}

/** Native code says "SYSTEM" and the number. */
function systemReason(thrown: unknown, errno: number | undefined): string {
  const { code, message } = (thrown ?? {}) as Partial<NodeJS.ErrnoException>
  if (code === 'SYSTEM' && errno !== undefined) return getSystemErrorName(-errno)
  return code ?? message ?? String(thrown)
}

/** The errno of a failed file call, of Node or of native code; 0 for other errors. */
export function errnoOf(error: unknown): number {
  const { errno } = error as { readonly errno?: unknown }
  return typeof errno === 'number' ? Math.abs(errno) : 0
}
