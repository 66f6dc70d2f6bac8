/**
 * Values as text, without loss: integers as signed decimals, floats as the shortest decimal that
 * parses back, NaNs by their payload, v128 as hex (or, when it is given, by its lanes), references as a function index or "null".
 * The spelling of floats is that of the text format.
 * See https://webassembly.github.io/spec/core/text/values.html#floating-point
 */
import { WasmshError } from '../errors.js'
import type { ValueType } from '../wasm-view.js'
import { formatFloat, parseFloatBits } from './value-float.js'
import { type LaneType, parseVector, vectorHint } from './value-vector.js'

const intPattern = /^([+-]?)(0x[0-9a-f]+(?:_[0-9a-f]+)*|[0-9]+(?:_[0-9]+)*)$/i

/** Bits of a null reference. */
export const nullReference = -1n

/** Formats a value by its bits (zero-extended, a null reference as -1n). */
export function formatValue(type: ValueType, bits: bigint): string {
  switch (type) {
    case 'i32':
      return BigInt.asIntN(32, bits).toString()
    case 'i64':
      return BigInt.asIntN(64, bits).toString()
    case 'f32':
      return formatFloat(32, bits)
    case 'f64':
      return formatFloat(64, bits)
    case 'v128':
      return `0x${BigInt.asUintN(128, bits).toString(16).padStart(32, '0')}`
    case 'funcref':
    case 'externref':
      return bits === nullReference ? 'null' : bits.toString()
  }
}

/**
 * Parses a value of the given type into its bits, zero-extended; a null reference is -1n.
 * Integers may be decimal or hex, signed or unsigned.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_VALUE
 */
export function parseValue(type: ValueType, text: string): bigint {
  const trimmed = text.trim()
  switch (type) {
    case 'i32':
      return parseInteger(trimmed, 32, type)
    case 'i64':
      return parseInteger(trimmed, 64, type)
    case 'f32':
      return parseFloatBits(32, trimmed) ?? refuse(trimmed, type, floatHint)
    case 'f64':
      return parseFloatBits(64, trimmed) ?? refuse(trimmed, type, floatHint)
    case 'v128':
      if (/^0x[0-9a-f]{1,32}$/i.test(trimmed)) return BigInt(trimmed)
      return parseVector(trimmed, parseLane) ?? refuse(trimmed, type, vectorHint)
    case 'funcref':
      if (trimmed === 'null') return nullReference
      if (!/^#?[0-9]{1,10}$/.test(trimmed)) {
        refuse(trimmed, type, 'Write a function reference as a function index or "null".')
      }
      return parseInteger(trimmed.replace('#', ''), 32, type)
    case 'externref':
      if (trimmed === 'null') return nullReference
      return refuse(trimmed, type, 'An external reference can only be set to "null".')
  }
}

function parseLane(type: LaneType, width: number, text: string): bigint {
  if (type === 'f32' || type === 'f64') return parseValue(type, text)
  return parseInteger(text, width, type)
}

const floatHint = 'Write a float as 1.5, -0, 1e-3, inf, nan or nan:0x400001.'

/**
 * Parses an integer that fits `width` bits, read as signed or unsigned, into its bits.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_VALUE
 */
export function parseInteger(text: string, width: number, type: string): bigint {
  const match = text.length <= 200 ? intPattern.exec(text) : null
  if (match === null) return refuse(text, type, 'Write an integer in decimal or as 0x and hex.')
  const magnitude = BigInt((match[2] ?? '').replaceAll('_', ''))
  const value = match[1] === '-' ? -magnitude : magnitude
  const modulus = 1n << BigInt(width)
  if (value >= modulus || value < -(modulus >> 1n)) {
    return refuse(text, type, `${type} holds ${-(modulus >> 1n)} to ${modulus - 1n}.`)
  }
  return BigInt.asUintN(width, value)
}

function refuse(text: string, type: string, hint: string): never {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text
  throw new WasmshError('ERR_WASMSH_EDIT_VALUE', `"${shown}" is not a value of type ${type}`, {
    hint,
  })
}
