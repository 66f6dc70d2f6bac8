/**
 * Files that a plugin provides: a path of the guest behind which there is no file of the host, but
 * whatever the plugin makes of it. The guest opens, reads, writes and closes it by ordinary WASI
 * calls.
 */
import type { ResourceId } from '../plugin.js'

/** What `path_open` asked for. */
export interface OpenRequest {
  /** "/dev/counter". */
  readonly path: string
  /** Of the resource that the open makes, should it succeed. */
  readonly id: ResourceId
  /** What the guest wants to do with the descriptor. */
  readonly reads: boolean
  readonly writes: boolean
  /** Of "append", "nonblock", "dsync", "rsync" and "sync". */
  readonly flags: readonly string[]
}

/** One call on a provided file. The rule for pauses is that of HostCall.signal. */
export interface FileCall {
  readonly guest: { readonly name: string }
  readonly thread: number
  readonly signal: AbortSignal
}

/** What `fd_filestat_get` tells; 0 for what is left out. */
export interface ProvidedStatus {
  readonly size?: bigint
  /** Nanoseconds since 1970. */
  readonly modifiedNs?: bigint
}

/**
 * An open file of a provider. The guest has no right to what is left out of read and write, and cannot
 * seek without seek. It is always ready for `poll_oneoff`. To give the guest an error throw a
 * WasiError; whatever else is thrown traps the guest, with the name of the plugin.
 */
export interface ProvidedFile {
  /** Up to `length` bytes from where the file stands; none at its end. */
  read?(call: FileCall, length: number): Uint8Array | Promise<Uint8Array>
  /** Takes bytes at where the file stands; gives how many of them. */
  write?(call: FileCall, bytes: Uint8Array): number | Promise<number>
  /** Moves to a place and gives it, in bytes from the start. */
  seek?(call: FileCall, offset: bigint, whence: 'set' | 'cur' | 'end'): bigint | Promise<bigint>
  stat?(call: FileCall): ProvidedStatus | Promise<ProvidedStatus>
  /** The guest has closed it. Not called when the guest ends: see ResourceTracker.dispose. */
  close?(call: FileCall): void | Promise<void>
}

/** What is behind a path. */
export interface FileProvider {
  /** As WASI names it; a character device by default. */
  readonly type?: 'character_device' | 'regular_file'
  open(call: FileCall, request: OpenRequest): ProvidedFile | Promise<ProvidedFile>
}

/** A descriptor of the guest that one of the plugin's files is behind. */
export interface ProvidedDescriptor {
  readonly fd: number
  readonly path: string
  readonly id: ResourceId
  readonly file: ProvidedFile
}

/** What the guest's call returns, by the name that WASI preview 1 gives it: "acces", "nospc". */
export class WasiError extends Error {
  override readonly name = 'WasiError'

  constructor(
    readonly errno: string,
    message: string = errno,
  ) {
    super(message)
  }
}
