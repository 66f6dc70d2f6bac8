import { WasmshError } from '../core/errors.js'

function refuse(message: string, hint: string): never {
  throw new WasmshError('ERR_WASMSH_COMMAND_USAGE', message, { hint })
}

/** Parses a whole number from 0 ("12", "0x1f", "1_000"). `what` names it in the error. */
export function parseNumber(text: string, what: string): bigint {
  const digits = text.trim().replaceAll(/(?<=[\da-f])_(?=[\da-f])/gi, '')
  if (/^(?:\d+|0x[\da-f]+)$/i.test(digits) && digits.length <= 40) return BigInt(digits)
  return refuse(
    `"${text}" is not ${what}`,
    'Give a whole number from 0, in decimal or as 0x and hex digits.',
  )
}

/** Parses a whole number of a range that JavaScript holds exactly. */
export function parseCount(text: string, what: string, least = 0, most = 2 ** 32 - 1): number {
  const value = parseNumber(text, what)
  if (value >= BigInt(least) && value <= BigInt(most)) return Number(value)
  return refuse(`${text} is out of range for ${what}`, `Give a number from ${least} to ${most}.`)
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** Parses a number of bytes: "65536", "0x100", "64KiB", "64K", "1.5M", "2GiB". */
export function parseSize(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?$/i.exec(text.trim())
  if (match === null) return parseCount(text, what, 0, Number.MAX_SAFE_INTEGER)
  const bytes = Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1)
  if (Number.isSafeInteger(Math.round(bytes))) return Math.round(bytes)
  return refuse(`${text} is out of range for ${what}`, 'Give a smaller number of bytes.')
}

/** Parses a time in seconds ("5", "0.25", "200ms", "2m") to milliseconds. */
export function parseSeconds(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text.trim())
  if (match === null) {
    return refuse(`"${text}" is not ${what}`, 'Give seconds, such as 5, 0.25, 200ms or 2m.')
  }
  const scale = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000
  const ms = Number(match[1]) * scale
  // Node's timers count milliseconds in 31 bits.
  if (ms <= 2 ** 31 - 1) return ms
  return refuse(`${text} is out of range for ${what}`, 'Give at most 24 days.')
}
