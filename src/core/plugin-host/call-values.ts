import type { NumberType } from '../plugin.js'

/** How values cross between a guest and a host function, as in the WebAssembly JavaScript interface. */

const scratch = new DataView(new ArrayBuffer(8))

/** A value for JavaScript, from its bits. */
export function fromBits(type: NumberType, bits: bigint): number | bigint {
  switch (type) {
    case 'i32':
      return Number(BigInt.asIntN(32, bits))
    case 'i64':
      return BigInt.asIntN(64, bits)
    case 'f32':
      scratch.setUint32(0, Number(BigInt.asUintN(32, bits)))
      return scratch.getFloat32(0)
    case 'f64':
      scratch.setBigUint64(0, bits)
      return scratch.getFloat64(0)
  }
}

/** The bits of what JavaScript gave; null when that is no value of the type. */
export function toBits(type: NumberType, value: unknown): bigint | null {
  if (type === 'i64') {
    const fits = typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n
    return fits ? BigInt.asUintN(64, value) : null
  }
  if (typeof value !== 'number') return null
  if (type === 'i32') {
    const fits = Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32
    return fits ? BigInt.asUintN(32, BigInt(value)) : null
  }
  if (type === 'f32') {
    scratch.setFloat32(0, value)
    return BigInt(scratch.getUint32(0))
  }
  scratch.setFloat64(0, value)
  return scratch.getBigUint64(0)
}
