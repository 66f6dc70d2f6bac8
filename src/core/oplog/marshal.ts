import type { Operation } from './operation.js'
import type { OperationBytes } from './operation-bytes.js'
import {
  bufferAddress,
  listAddress,
  pathAddress,
  resultAddress,
  structureAddress,
  type WasiArgument,
} from './wasi-target.js'

/** Types of WASI preview 1 that are 64 bits wide. */
const wide = new Set(['dircookie', 'filedelta', 'filesize', 'rights', 'timestamp'])
/** Calls whose last argument says where a structure goes, which no field stands for. */
const structures: Readonly<Record<string, number>> = {
  fd_fdstat_get: 24,
  fd_filestat_get: 64,
  fd_prestat_get: 8,
  path_filestat_get: 64,
}
/** Results of these calls, of the types that the log gives them. */
const resultTypes: Readonly<Record<string, readonly string[]>> = {
  args_sizes_get: ['size', 'size'],
  clock_res_get: ['timestamp'],
  clock_time_get: ['timestamp'],
  environ_sizes_get: ['size', 'size'],
  fd_pread: ['size'],
  fd_pwrite: ['size'],
  fd_read: ['size'],
  fd_readdir: ['size'],
  fd_seek: ['filesize'],
  fd_tell: ['filesize'],
  fd_write: ['size'],
  path_open: ['fd'],
  path_readlink: ['size'],
}
const resultStride = 8
const vectorBytes = 8

/** What a call is given, and where it leaves what. */
export interface MarshalledCall {
  readonly args: readonly WasiArgument[]
  /** Type and address of each result. */
  readonly results: readonly { readonly type: string; readonly address: number }[]
  /** Where the bytes are that it puts into memory, and at most how many; null for none. */
  readonly put: { readonly address: number; readonly bytes: number } | null
}

/**
 * Lays out the arguments of a call in memory, from an operation and its bytes alone. Lengths of
 * buffers that are not known (the call failed, or no bytes were kept) are taken as 0.
 */
export function marshal(
  operation: Operation,
  bytes: OperationBytes | null,
  memory: Uint8Array,
  replace: (type: string, value: bigint) => bigint,
): MarshalledCall {
  const args: WasiArgument[] = []
  const view = new DataView(memory.buffer)
  let path = pathAddress
  let put: MarshalledCall['put'] = null
  for (const { type, value } of operation.parameters) {
    if (typeof value !== 'bigint') {
      memory.set(value, path)
      args.push(path, value.length)
      path += value.length
    } else if (type === 'buffer') {
      put = { address: bufferAddress, bytes: Number(value) }
      args.push(bufferAddress, Number(value))
    } else if (type === 'iovec_array') {
      const lengths = bytes?.buffers ?? Array.from({ length: Number(value) }, () => 0)
      put = { address: bufferAddress, bytes: layOut(lengths, view) }
      memory.set(bytes?.taken ?? [], bufferAddress)
      args.push(listAddress, lengths.length)
    } else {
      const given = replace(type, value)
      args.push(wide.has(type) ? given : Number(given))
    }
  }
  const structure = structures[operation.call]
  if (structure !== undefined) {
    put = { address: structureAddress, bytes: structure }
    args.push(structureAddress)
  }
  const results = (resultTypes[operation.call] ?? []).map((type, index) => ({
    type,
    address: resultAddress + index * resultStride,
  }))
  args.push(...results.map(({ address }) => address))
  return { args, results, put }
}

/** Writes a list of buffers that lie behind each other; gives their length in all. */
function layOut(lengths: readonly number[], view: DataView): number {
  let total = 0
  for (const [index, length] of lengths.entries()) {
    view.setUint32(listAddress + index * vectorBytes, bufferAddress + total, true)
    view.setUint32(listAddress + index * vectorBytes + 4, length, true)
    total += length
  }
  return total
}

/** Reads a result of a call from memory. */
export function readResult(memory: Uint8Array, type: string, address: number): bigint {
  const view = new DataView(memory.buffer)
  return wide.has(type) ? view.getBigUint64(address, true) : BigInt(view.getUint32(address, true))
}
