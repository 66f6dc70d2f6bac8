import type { Operation } from './operation.js'

/** What an operation moved between the guest's memory and its host. */
export interface OperationBytes {
  /** Length of each buffer, for calls with a list of buffers; none for others. */
  readonly buffers: readonly number[]
  /** From the guest's memory: what was written, or polled for. */
  readonly taken: Uint8Array
  /** Into the guest's memory: what was read, directory entries, a link's target, a structure, as
   *  preview 1 lays them out. Numbers among the results are left out. */
  readonly put: Uint8Array
}

/** Sizes of preview 1 (phases/snapshot/docs.md of the WASI repository). */
const vectorBytes = 8
const subscriptionBytes = 48
const none = new Uint8Array()

/** Takes apart the bytes that a log keeps for an operation. */
export function splitBytes(
  { call, parameters }: Pick<Operation, 'call' | 'parameters'>,
  bytes: Uint8Array,
): OperationBytes {
  if (call === 'poll_oneoff') {
    const subscriptions = Number(parameters[0]?.value ?? 0n) * subscriptionBytes
    return {
      buffers: [],
      taken: bytes.subarray(0, subscriptions),
      put: bytes.subarray(subscriptions),
    }
  }
  const list = parameters.find(({ type }) => type === 'iovec_array')
  if (list === undefined) return { buffers: [], taken: none, put: bytes }
  const count = Number(list.value)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const buffers = Array.from({ length: count }, (_, index) =>
    view.getUint32(index * vectorBytes + 4, true),
  )
  const moved = bytes.subarray(count * vectorBytes)
  const isWrite = call.endsWith('write') || call === 'sock_send'
  return { buffers, taken: isWrite ? moved : none, put: isWrite ? none : moved }
}
