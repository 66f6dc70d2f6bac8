import { parseInteger, parseValue } from '../value/value.js'
import { formatFloat } from '../value/value-float.js'
import type { MemoryType } from './edit.js'

/** Bytes that a value of that type takes. */
export function memoryTypeBytes(type: MemoryType): number {
  return Number(type.slice(1)) / 8
}

/** Formats little-endian bytes as a value of that type, without loss. */
export function formatMemoryValue(type: MemoryType, bytes: Uint8Array): string {
  const width = memoryTypeBytes(type) * 8
  let bits = 0n
  for (let at = memoryTypeBytes(type) - 1; at >= 0; at--)
    bits = (bits << 8n) | BigInt(bytes[at] ?? 0)
  if (type === 'f32' || type === 'f64') return formatFloat(type === 'f32' ? 32 : 64, bits)
  return (type.startsWith('i') ? BigInt.asIntN(width, bits) : bits).toString()
}

/**
 * Parses a value of that type into little-endian bytes.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_VALUE
 */
export function parseMemoryValue(type: MemoryType, text: string): Uint8Array {
  const size = memoryTypeBytes(type)
  const isFloat = type === 'f32' || type === 'f64'
  let bits = isFloat ? parseValue(type, text) : parseInteger(text.trim(), size * 8, type)
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at++, bits >>= 8n) bytes[at] = Number(bits & 0xffn)
  return bytes
}
