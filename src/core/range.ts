import { WasmshError } from './errors.js'

const maxIndex = 0xffffffff

/**
 * Checks a number that counts something, 0 to 2^32 - 1: people type them at a prompt.
 *
 * @throws WasmshError ERR_WASMSH_OPTION_INVALID
 */
export function requireIndex(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= maxIndex) return value
  throw new WasmshError('ERR_WASMSH_OPTION_INVALID', `${what} cannot be ${String(value)}`, {
    hint: 'Give a whole number of 0 or more.',
  })
}

/**
 * Checks an address in linear memory, 0 to 2^64 - 1.
 *
 * @throws WasmshError ERR_WASMSH_MEMORY_RANGE
 */
export function requireAddress(value: number | bigint): bigint {
  const isWhole = typeof value === 'bigint' || Number.isInteger(value)
  const address = isWhole ? BigInt(value) : -1n
  if (address >= 0n && address < 2n ** 64n) return address
  throw new WasmshError('ERR_WASMSH_MEMORY_RANGE', `${String(value)} is not an address`)
}
