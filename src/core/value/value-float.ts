/** How a float of 32 or 64 bits is laid out. */
interface Layout {
  readonly mantissaBits: bigint
  readonly exponentMask: bigint
  /** Decimal digits that are always enough to tell any two values apart. */
  readonly digits: number
}

const layouts: Readonly<Record<32 | 64, Layout>> = {
  32: { mantissaBits: 23n, exponentMask: 0xffn, digits: 9 },
  64: { mantissaBits: 52n, exponentMask: 0x7ffn, digits: 17 },
}

const scratch = new DataView(new ArrayBuffer(8))

function toNumber(width: 32 | 64, bits: bigint): number {
  if (width === 32) {
    scratch.setUint32(0, Number(bits))
    return scratch.getFloat32(0)
  }
  scratch.setBigUint64(0, bits)
  return scratch.getFloat64(0)
}

/** Bits of the float nearest to a number that is no NaN. */
function toBits(width: 32 | 64, value: number): bigint {
  if (width === 32) {
    scratch.setFloat32(0, value)
    return BigInt(scratch.getUint32(0))
  }
  scratch.setFloat64(0, value)
  return scratch.getBigUint64(0)
}

/** Formats a float by its bits; parseFloatBits gives the same bits again. */
export function formatFloat(width: 32 | 64, raw: bigint): string {
  const { mantissaBits, exponentMask } = layouts[width]
  const bits = BigInt.asUintN(width, raw)
  const sign = bits >> BigInt(width - 1) === 1n ? '-' : ''
  const mantissa = BigInt.asUintN(Number(mantissaBits), bits)
  if (((bits >> mantissaBits) & exponentMask) === exponentMask) {
    if (mantissa === 0n) return `${sign}inf`
    const isCanonical = mantissa === 1n << (mantissaBits - 1n)
    return isCanonical ? `${sign}nan` : `${sign}nan:0x${mantissa.toString(16)}`
  }
  const value = toNumber(width, bits)
  if (Object.is(value, -0)) return '-0'
  return width === 64 ? String(value) : shortestFloat32(value)
}

/** JavaScript prints the shortest text for 64 bits; this finds the shortest for 32. */
function shortestFloat32(value: number): string {
  for (let digits = 1; digits < layouts[32].digits; digits++) {
    const text = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(text)) === value) return text
  }
  return String(Number(value.toPrecision(layouts[32].digits)))
}

/** Parses a float into its bits; null when the text is none. Decimal floats, hex floats of the
 *  text format, "inf", "nan" and "nan:0x..." with an optional sign. */
export function parseFloatBits(width: 32 | 64, text: string): bigint | null {
  const { mantissaBits, exponentMask } = layouts[width]
  if (text.length > 400) return null
  const sign = text.startsWith('-') ? 1n << BigInt(width - 1) : 0n
  const rest = text.replace(/^[+-]/, '').toLowerCase()
  const infinity = exponentMask << mantissaBits
  if (rest === 'inf' || rest === 'infinity') return sign | infinity
  if (rest === 'nan') return sign | infinity | (1n << (mantissaBits - 1n))
  if (/^nan:0x[0-9a-f]{1,14}$/.test(rest)) {
    const payload = BigInt(rest.slice(4))
    return payload === 0n || payload >> mantissaBits !== 0n ? null : sign | infinity | payload
  }
  const value = parseHexFloat(rest) ?? parseDecimal(rest)
  return value === null ? null : sign | toBits(width, value)
}

function parseDecimal(text: string): number | null {
  if (!/^(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d{1,5})?$/.test(text)) return null
  return Number(text.replaceAll('_', ''))
}

/** Hex floats that fit 53 bits without rounding; others are refused by null. */
function parseHexFloat(text: string): number | null {
  const match = /^0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?\d{1,5}))?$/.exec(text)
  if (match === null) return null
  const fraction = match[2] ?? ''
  const mantissa = BigInt(`0x${match[1]}${fraction}`)
  if (mantissa >> 53n !== 0n) return null
  const exponent = Number(match[3] ?? '0') - 4 * fraction.length
  const half = Math.trunc(exponent / 2)
  return Number(mantissa) * 2 ** half * 2 ** (exponent - half)
}
