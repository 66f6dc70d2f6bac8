import { type DirectoryEntry, listDirectory, readEntries } from './directory-entries.js'
import { type MarshalledCall, marshal, readResult } from './marshal.js'
import type { Operation, OperationField } from './operation.js'
import type { OperationBytes } from './operation-bytes.js'
import { errnoName } from './wasi-names.js'
import type { WasiTarget } from './wasi-target.js'

/** What became of an operation that was performed again. */
export interface Performed {
  readonly operation: Operation
  readonly errno: string
  /** None when the call failed. Descriptors are those of the guest. */
  readonly results: readonly OperationField[]
  /** What the call put into memory; null for one that puts nothing there, or failed. */
  readonly put: Uint8Array | null
  /** All that is in the directory, after fd_readdir; null for other calls. */
  readonly listing: readonly DirectoryEntry[] | null
}

/** Calls that are about files. */
const aboutFiles = /^(fd|path)_/
/** Stands for descriptors that the guest did not have: no target has so many. */
const unknownDescriptor = 0x7fff_0000

/**
 * Performs operations on files and directories against another WASI implementation. Its descriptors
 * may have other numbers than the guest's, and its places in a directory other cookies: both are
 * kept track of. Nothing but the operations and their bytes is needed.
 */
export class Performer {
  readonly #target: WasiTarget
  readonly #descriptors: Map<number, number>
  /** Cookies of the target by those of the guest, of each of the guest's descriptors. */
  readonly #cookies = new Map<number, Map<bigint, bigint>>()

  constructor(target: WasiTarget) {
    this.#target = target
    this.#descriptors = new Map(target.descriptors)
  }

  /** Performs one; null for what is not about files. */
  perform(operation: Operation, bytes: OperationBytes | null): Performed | null {
    if (!aboutFiles.test(operation.call)) return null
    const memory = new Uint8Array(this.#target.memory.buffer)
    const fd = guestDescriptor(operation)
    const call = marshal(operation, bytes, memory, (type, value) => this.#replace(type, value, fd))
    const errno = errnoName(this.#target.call(operation.call, call.args))
    if (errno !== 'success') return { operation, errno, results: [], put: null, listing: null }
    const results = this.#results(operation, call, memory)
    this.#follow(operation)
    const put = putBytes(call, operation, results, memory)
    const listing = operation.call === 'fd_readdir' ? this.#list(fd, bytes) : null
    return { operation, errno, results, put, listing }
  }

  #replace(type: string, value: bigint, fd: number): bigint {
    if (type === 'fd') return BigInt(this.#descriptors.get(Number(value)) ?? unknownDescriptor)
    if (type === 'dircookie') return this.#cookies.get(fd)?.get(value) ?? value
    return value
  }

  #results(
    operation: Operation,
    { results }: MarshalledCall,
    memory: Uint8Array,
  ): readonly OperationField[] {
    return results.map(({ type, address }, index) => {
      const value = readResult(memory, type, address)
      const recorded = operation.results[index]
      const name = recorded?.name ?? ''
      if (type !== 'fd') return { name, type, value }
      // An open that failed when it was recorded has no number to stand for.
      if (typeof recorded?.value !== 'bigint') return { name, type, value }
      this.#descriptors.set(Number(recorded.value), Number(value))
      return { name, type, value: recorded.value }
    })
  }

  /** Keeps track of descriptors that the call has closed or renumbered. */
  #follow({ call, parameters }: Operation): void {
    const [first, second] = parameters.map(({ value }) => Number(value))
    if (first === undefined) return
    if (call === 'fd_close') {
      this.#descriptors.delete(first)
      this.#cookies.delete(first)
    }
    if (call !== 'fd_renumber' || second === undefined || first === second) return
    // The target moves it to the number that `second` had.
    this.#descriptors.delete(first)
    this.#cookies.delete(second)
    const cookies = this.#cookies.get(first)
    this.#cookies.delete(first)
    if (cookies !== undefined) this.#cookies.set(second, cookies)
  }

  /** Lists a directory, and finds the target's cookie behind each entry that the guest was given. */
  #list(fd: number, bytes: OperationBytes | null): readonly DirectoryEntry[] {
    const target = this.#descriptors.get(fd) ?? unknownDescriptor
    const listing = listDirectory(this.#target, target)
    const cookies = new Map(listing.map(({ name, next }) => [name, next]))
    const known = this.#cookies.get(fd) ?? new Map<bigint, bigint>()
    this.#cookies.set(fd, known)
    for (const { name, next } of readEntries(bytes?.put ?? new Uint8Array())) {
      const cookie = cookies.get(name)
      if (cookie !== undefined) known.set(next, cookie)
    }
    return listing
  }
}

/** Descriptor that a call is about; -1 for calls without one. */
function guestDescriptor({ parameters }: Operation): number {
  return Number(parameters.find(({ type }) => type === 'fd')?.value ?? -1n)
}

function putBytes(
  { put }: MarshalledCall,
  { call }: Operation,
  results: readonly OperationField[],
  memory: Uint8Array,
): Uint8Array | null {
  if (put === null || call.endsWith('write')) return null
  const size = results.find(({ type }) => type === 'size')?.value
  const bytes = typeof size === 'bigint' ? Math.min(Number(size), put.bytes) : put.bytes
  return memory.slice(put.address, put.address + bytes)
}
