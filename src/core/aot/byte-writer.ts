import { WasmshError } from '../errors.js'

const mostBytes = 2 ** 30

/** Writes the binary format into an array that grows. */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length++] = value
  }

  /** Opcodes and other single bytes in a row. */
  put(...values: readonly number[]): void {
    for (const value of values) this.byte(value)
  }

  /** Unsigned LEB128. */
  u32(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Signed LEB128 of a number of 32 bits; also of a type index below 2^31 as a block type. */
  s32(value: number): void {
    let rest = value | 0
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.byte(rest & 0x7f)
  }

  copy(source: Uint8Array, from = 0, to = source.length): void {
    const count = to - from
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    if (count < 24) {
      for (let at = from; at < to; at++) this.#bytes[this.#length++] = source[at] ?? 0
      return
    }
    this.#bytes.set(source.subarray(from, to), this.#length)
    this.#length += count
  }

  /** A vector of bytes: its length, then its contents. */
  vector(contents: Uint8Array): void {
    this.u32(contents.length)
    this.copy(contents)
  }

  name(text: string): void {
    this.vector(new TextEncoder().encode(text))
  }

  /** A section of a module. */
  section(id: number, ...contents: readonly ByteWriter[]): void {
    this.byte(id)
    this.u32(contents.reduce((sum, { length }) => sum + length, 0))
    for (const part of contents) this.append(part)
  }

  append(other: ByteWriter): void {
    this.copy(other.#bytes, 0, other.#length)
  }

  clear(): void {
    this.#length = 0
  }

  /** What was written: a view that holds until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(count: number): void {
    const needed = this.#length + count
    if (needed > mostBytes) {
      throw new WasmshError(
        'ERR_WASMSH_COMPILE_LIMIT',
        'The module would take over 1 GiB once it can be suspended',
      )
    }
    const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#bytes.length, mostBytes)))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
