import type { V8Function, V8Imports, V8Memory, V8Value } from './v8.js'

/** Thrown by proc_exit. */
export class GuestExit extends Error {
  constructor(readonly status: number) {
    super(`the guest exits with ${status}`)
    this.name = 'GuestExit'
  }
}

const notSupported = 52
const badDescriptor = 8

/**
 * As much of WASI as programs need that read their input and write their output: deterministic, and
 * with a state that outlives an instance, so that a guest can go on in another one.
 */
export class MiniWasi {
  readonly #written: Record<number, Buffer[]> = { 1: [], 2: [] }
  /** Of the instance that runs. */
  memory: V8Memory | undefined
  readonly #stdin: Uint8Array
  readonly #args: readonly string[]
  #read = 0
  #clock = 0n
  #random = 1

  constructor({
    stdin = '',
    args = [],
  }: { stdin?: string | Uint8Array; args?: readonly string[] } = {}) {
    this.#stdin = typeof stdin === 'string' ? Buffer.from(stdin) : stdin
    this.#args = ['program', ...args]
  }

  output(descriptor: 1 | 2): Buffer {
    return Buffer.concat(this.#written[descriptor] ?? [])
  }

  /** The imports; whatever is not there says that it is not supported. */
  imports(names: readonly string[]): V8Imports {
    const known: Readonly<Record<string, V8Function>> = {
      fd_write: (...values) => this.#write(numbers(values)),
      fd_read: (...values) => this.#readInput(numbers(values)),
      proc_exit: (status) => {
        throw new GuestExit(Number(status))
      },
      clock_time_get: (_id, _precision, result) => {
        this.#clock += 1_000_000n
        this.#view().setBigUint64(Number(result), this.#clock, true)
        return 0
      },
      random_get: (buffer, length) => {
        const bytes = new Uint8Array(this.#view().buffer, Number(buffer), Number(length))
        for (let at = 0; at < bytes.length; at++) {
          this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0
          bytes[at] = this.#random >>> 16
        }
        return 0
      },
      args_sizes_get: (count, size) => this.#sizes(this.#args, Number(count), Number(size)),
      args_get: (pointers, buffer) => this.#strings(this.#args, Number(pointers), Number(buffer)),
      environ_sizes_get: (count, size) => this.#sizes([], Number(count), Number(size)),
      environ_get: () => 0,
      fd_prestat_get: () => badDescriptor,
      fd_fdstat_get: (_fd, result) => {
        new Uint8Array(this.#view().buffer, Number(result), 24).fill(0)
        this.#view().setUint8(Number(result), 6)
        this.#view().setBigUint64(Number(result) + 8, 0x1fffffffn, true)
        return 0
      },
      fd_fdstat_set_flags: () => 0,
      sched_yield: () => 0,
      poll_oneoff: (...values) => this.#poll(numbers(values)),
    }
    const fallback: V8Function = () => notSupported
    return {
      wasi_snapshot_preview1: Object.fromEntries(
        names.map((name) => [name, known[name] ?? fallback]),
      ),
    }
  }

  #view(): DataView {
    if (this.memory === undefined) throw new Error('the guest has no memory')
    return new DataView(this.memory.buffer)
  }

  #vectors(at: number, count: number): Uint8Array[] {
    const view = this.#view()
    return Array.from({ length: count }, (_, index) => {
      const from = view.getUint32(at + 8 * index, true)
      return new Uint8Array(view.buffer, from, view.getUint32(at + 8 * index + 4, true))
    })
  }

  #write([descriptor = 0, vectors = 0, count = 0, result = 0]: readonly number[]): number {
    const list = this.#written[descriptor]
    if (list === undefined) return badDescriptor
    const bytes = Buffer.concat(this.#vectors(vectors, count))
    list.push(bytes)
    this.#view().setUint32(result, bytes.length, true)
    return 0
  }

  #readInput([descriptor = 0, vectors = 0, count = 0, result = 0]: readonly number[]): number {
    if (descriptor !== 0) return badDescriptor
    let total = 0
    for (const vector of this.#vectors(vectors, count)) {
      const part = this.#stdin.subarray(this.#read, this.#read + vector.length)
      vector.set(part)
      this.#read += part.length
      total += part.length
    }
    this.#view().setUint32(result, total, true)
    return 0
  }

  #sizes(strings: readonly string[], count: number, size: number): number {
    this.#view().setUint32(count, strings.length, true)
    this.#view().setUint32(size, Buffer.byteLength(strings.map((one) => `${one}\0`).join('')), true)
    return 0
  }

  #strings(strings: readonly string[], pointers: number, buffer: number): number {
    let at = buffer
    for (const [index, one] of strings.entries()) {
      this.#view().setUint32(pointers + 4 * index, at, true)
      const bytes = Buffer.from(`${one}\0`)
      new Uint8Array(this.#view().buffer).set(bytes, at)
      at += bytes.length
    }
    return 0
  }

  /** Everything is ready at once: time does not matter here. */
  #poll([subscriptions = 0, events = 0, count = 0, result = 0]: readonly number[]): number {
    const view = this.#view()
    for (let index = 0; index < count; index++) {
      const from = subscriptions + 48 * index
      const to = events + 32 * index
      new Uint8Array(view.buffer, to, 32).fill(0)
      view.setBigUint64(to, view.getBigUint64(from, true), true)
      view.setUint8(to + 10, view.getUint8(from + 8))
    }
    this.#clock += 10_000_000n
    view.setUint32(result, count, true)
    return 0
  }
}

function numbers(values: readonly V8Value[]): number[] {
  return values.map(Number)
}
