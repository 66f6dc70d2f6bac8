import { WasmshError } from '../errors.js'
import type { CallMemory, Loaded, LoadType } from '../plugin/call-memory.js'

/** What a call's memory needs of its guest. */
export interface MemoryAccess {
  /** Bytes of the guest's memory. */
  size(): number
  /** A copy. @throws WasmshError ERR_WASMSH_MEMORY_RANGE */
  read(address: number, length: number): Uint8Array
}

export interface MemoryWrite {
  readonly address: number
  readonly bytes: Uint8Array
}

/** Bytes, and how a DataView gets and sets them. */
const accessors = {
  u8: [1, 'Uint8'],
  i8: [1, 'Int8'],
  u16: [2, 'Uint16'],
  i16: [2, 'Int16'],
  u32: [4, 'Uint32'],
  i32: [4, 'Int32'],
  u64: [8, 'BigUint64'],
  i64: [8, 'BigInt64'],
  f32: [4, 'Float32'],
  f64: [8, 'Float64'],
} as const

/** The memory of one call: reads copies, and keeps writes until the call succeeds. */
export class GuestCallMemory implements CallMemory {
  readonly #access: MemoryAccess
  readonly #what: string
  readonly #writes: MemoryWrite[] = []
  #size: number | null = null
  #isOver = false

  constructor(access: MemoryAccess, what: string) {
    this.#access = access
    this.#what = what
  }

  get size(): number {
    this.#requireCall()
    this.#size ??= this.#access.size()
    return this.#size
  }

  read(address: number, length: number): Uint8Array {
    const from = this.#range(address, length)
    if (length === 0) return new Uint8Array(0)
    const bytes = Uint8Array.from(this.#access.read(from, length))
    for (const write of this.#writes) overlay(bytes, from, write)
    return bytes
  }

  write(address: number, bytes: Uint8Array): void {
    const to = this.#range(address, bytes.length)
    if (bytes.length > 0) this.#writes.push({ address: to, bytes: Uint8Array.from(bytes) })
  }

  load<Type extends LoadType>(type: Type, address: number): Loaded<Type> {
    const [width, name] = accessors[type]
    const { buffer, byteOffset } = this.read(address, width)
    return new DataView(buffer, byteOffset, width)[`get${name}`](0, true) as Loaded<Type>
  }

  store<Type extends LoadType>(type: Type, address: number, value: Loaded<Type>): void {
    const [width, name] = accessors[type]
    const view = new DataView(new ArrayBuffer(width))
    view[`set${name}`](0, value as never, true)
    this.write(address, new Uint8Array(view.buffer))
  }

  readText(address: number, length: number): string {
    return new TextDecoder().decode(this.read(address, length))
  }

  /** Ends the call; what it wrote, in its order. */
  end(): readonly MemoryWrite[] {
    this.#isOver = true
    return this.#writes
  }

  #requireCall(): void {
    if (!this.#isOver) return
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_CALL_OVER',
      `The guest's memory is out of reach: the call of ${this.#what} is over`,
    )
  }

  #range(address: number, length: number): number {
    const at = address >>> 0
    const isGood = Number.isInteger(address) && Number.isSafeInteger(length) && length >= 0
    if (isGood && at + length <= this.size) return at
    throw new WasmshError(
      'ERR_WASMSH_MEMORY_RANGE',
      `${this.#what}: address ${address} with length ${length} is outside the memory of ${this.size} bytes`,
    )
  }
}

/** Puts a write over what was read. */
function overlay(bytes: Uint8Array, from: number, write: MemoryWrite): void {
  const start = Math.max(from, write.address)
  const end = Math.min(from + bytes.length, write.address + write.bytes.length)
  if (start >= end) return
  bytes.set(write.bytes.subarray(start - write.address, end - write.address), start - from)
}
