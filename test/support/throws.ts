import * as assert from 'uvu/assert'
import { type ErrorCode, WasmshError } from '../../src/core/errors.js'

function check(thrown: unknown, code: ErrorCode): WasmshError {
  if (!(thrown instanceof WasmshError)) throw new Error(`Not a WasmshError: ${String(thrown)}`)
  assert.is(thrown.code, code, `${thrown.code}: ${thrown.message}`)
  assert.not.match(thrown.message, /\.$/, 'a message ends without a period')
  assert.ok(thrown.hint.length > 0, 'an error says what to do next')
  return thrown
}

/** Checks that a call throws a WasmshError of that code, and gives it. */
export function throwsCode(code: ErrorCode, call: () => unknown): WasmshError {
  try {
    call()
  } catch (error) {
    return check(error, code)
  }
  throw new Error(`Nothing was thrown; expected ${code}`)
}

/** Checks that a promise rejects with a WasmshError of that code, and gives it. */
export async function rejectsCode(
  code: ErrorCode,
  call: () => Promise<unknown>,
): Promise<WasmshError> {
  try {
    await call()
  } catch (error) {
    return check(error, code)
  }
  throw new Error(`Nothing was thrown; expected ${code}`)
}
