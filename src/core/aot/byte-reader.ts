import { WasmshError } from '../errors.js'

/** Reads the binary format's integers and bytes between two places of an array, and never outside. */
export class ByteReader {
  constructor(
    readonly bytes: Uint8Array,
    public position = 0,
    readonly end = bytes.length,
  ) {}

  get atEnd(): boolean {
    return this.position >= this.end
  }

  byte(): number {
    if (this.position >= this.end) throw this.#truncated()
    return this.bytes[this.position++] ?? 0
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw invalidModule('a number is longer than 5 bytes', this.position)
  }

  /** Signed LEB128 of at most 33 bits, as of block types. */
  s33(): number {
    let value = 0
    for (let bits = 0; bits < 35; bits += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** bits
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (bits + 7)
    }
    throw invalidModule('a number is longer than 5 bytes', this.position)
  }

  /** Passes a LEB128 of any type, padding included. */
  skipLeb(): void {
    for (let count = 0; count < 10; count++) if (this.byte() < 0x80) return
    throw invalidModule('a number is longer than 10 bytes', this.position)
  }

  skip(count: number): void {
    if (count > this.end - this.position) throw this.#truncated()
    this.position += count
  }

  /** A vector of bytes, as names are; a view, not a copy. */
  vector(): Uint8Array {
    const length = this.u32()
    const from = this.position
    this.skip(length)
    return this.bytes.subarray(from, from + length)
  }

  #truncated(): WasmshError {
    return new WasmshError(
      'ERR_WASMSH_MODULE_TRUNCATED',
      `The module ends too early, at byte ${this.end}`,
    )
  }
}

/** What is thrown for bytes that validation should have refused. */
export function invalidModule(what: string, offset: number): WasmshError {
  return new WasmshError(
    'ERR_WASMSH_MODULE_INVALID',
    `The module is not valid: ${what}, at byte ${offset}`,
  )
}
