import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { fromNative, WasmshError } from './errors.js'
import type { NativeBinding } from './native.js'

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants
/** Node has no constant for it (open(2)). */
const O_PATH = 0o10000000

export type PipeAccess = 'read' | 'write'

type PipeBinding = Pick<
  NativeBinding,
  'createPipe' | 'pipeBytes' | 'pipeCapacity' | 'pipeContents' | 'pipeReady'
>

/**
 * Pipes of the kernel. All descriptors are host descriptors, close-on-exec, and the caller's to
 * close.
 */
export class PipeServices {
  readonly #native: PipeBinding

  constructor(native: PipeBinding) {
    this.#native = native
  }

  /** Makes a pipe and answers its anchor: a descriptor that keeps the pipe's identity, and is neither
   *  a reader nor a writer of it. A pipe without an end holds nothing.
   *  @throws WasmshError ERR_WASMSH_DESCRIPTORS_EXHAUSTED */
  create(): number {
    const { read, write } = this.#descriptors(() => this.#native.createPipe())
    try {
      return this.#descriptors(() => openSync(`/proc/self/fd/${read}`, O_PATH))
    } finally {
      closeSync(read)
      closeSync(write)
    }
  }

  /** Opens an end that shares no flags with others. It does not wait: neither for the other end nor,
   *  while it is ours, in reading or writing.
   *  @throws WasmshError ERR_WASMSH_DESCRIPTORS_EXHAUSTED */
  open(anchor: number, access: PipeAccess): number {
    const path = `/proc/self/fd/${anchor}`
    const mode = access === 'read' ? O_RDONLY : O_WRONLY
    // Nobody may be at the other end, and a writer would be refused then.
    const both = this.#descriptors(() => openSync(path, O_RDWR))
    try {
      return this.#descriptors(() => openSync(path, mode | O_NONBLOCK))
    } finally {
      closeSync(both)
    }
  }

  /** Names a pipe as long as it exists: the same for its anchor and its ends; null for no pipe. */
  identity(hostFd: number): string | null {
    const status = fstatSync(hostFd, { bigint: true })
    return status.isFIFO() ? `${status.dev}:${status.ino}` : null
  }

  /** Bytes that wait in the pipe of an end. */
  waiting(end: number): number {
    return this.#native.pipeBytes(end)
  }

  /** A copy of what waits, by a read end; nothing is taken out. */
  contents(readEnd: number): Uint8Array {
    return this.#native.pipeContents(readEnd)
  }

  /** Whether reading or writing at an end would not wait, but be done or fail. */
  isReady(end: number): boolean {
    return this.#native.pipeReady(end)
  }

  capacity(end: number): number {
    return this.#native.pipeCapacity(end, null)
  }

  /** Asks for a capacity; answers the one it has then, which the kernel rounds up.
   *  @throws Error with an errno when the system does not allow so much, or what waits needs more */
  setCapacity(end: number, bytes: number): number {
    return this.#native.pipeCapacity(end, bytes)
  }

  #descriptors<Result>(open: () => Result): Result {
    try {
      return open()
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException
      const number = Math.abs(errno ?? 0)
      const isFull =
        code === 'EMFILE' || code === 'ENFILE' || number === EMFILE || number === ENFILE
      if (!isFull) throw fromNative(error)
      throw new WasmshError(
        'ERR_WASMSH_DESCRIPTORS_EXHAUSTED',
        'No pipe can be opened: wasmsh has as many descriptors open as it may have',
        { cause: error, errno: number },
      )
    }
  }
}

const ENFILE = 23
const EMFILE = 24
