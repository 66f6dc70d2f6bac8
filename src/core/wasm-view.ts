/**
 * The wasm view: the one canonical state of a paused guest, free of CPU, engine and host. The same
 * structure as native/image/view.h; docs/snapshot-format.md is its specification.
 */

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref'

/** One typed value by its bits, zero-extended; a null reference is -1n. */
export interface Value {
  readonly type: ValueType
  readonly bits: bigint
  /** False for a local that compiled code has dropped. */
  readonly available: boolean
}

/** One call frame. `pc` is the byte offset of the next instruction, counted from the first
 *  instruction behind the local declarations in the original module. */
export interface Frame {
  readonly function: number
  readonly pc: number
  readonly locals: readonly Value[]
  readonly operands: readonly Value[]
}

/** A host call that has begun and has not returned. */
export interface PendingCall {
  /** Index in the function index space. */
  readonly import: number
  readonly arguments: readonly Value[]
  readonly transferred: bigint
  /** Guest monotonic time, nanoseconds. */
  readonly deadlineNs: bigint | null
  readonly phase: number
}

export interface AtomicWait {
  readonly address: bigint
  readonly width: 32 | 64
  readonly deadlineNs: bigint | null
  readonly queuePosition: number
}

export type ThreadStatus = 'running' | 'host-call' | 'atomic-wait' | 'trapped'

export interface Thread {
  readonly id: number
  readonly instance: number
  /** What the host had called: the start function, _initialize, or the entry export. */
  readonly entry: 'start' | 'initialize' | 'main'
  readonly status: ThreadStatus
  /** Outermost first. */
  readonly frames: readonly Frame[]
  readonly call: PendingCall | null
  readonly wait: AtomicWait | null
  readonly trap: { readonly reason: string } | null
  readonly cpuNs: bigint
  readonly position: bigint | null
}

export interface Table {
  readonly type: ValueType
  /** Function index, or -1n for null. */
  readonly elements: readonly bigint[]
}

export interface Instance {
  readonly globals: readonly Value[]
  readonly tables: readonly Table[]
  readonly droppedData: readonly boolean[]
  readonly droppedElements: readonly boolean[]
}

export interface GuestEnvironment {
  readonly arguments: readonly string[]
  readonly environment: readonly string[]
  readonly entryExport: string
  readonly entryArguments: readonly Value[]
  readonly deterministic: boolean
  readonly randomState: readonly [bigint, bigint, bigint, bigint]
  readonly clockReads: bigint
  readonly realtimeBaseNs: bigint
  readonly clockStepNs: bigint
}

export interface Descriptor {
  readonly fd: number
  readonly kind:
    | 'stdin'
    | 'stdout'
    | 'stderr'
    | 'preopen'
    | 'file'
    | 'directory'
    | 'provided'
    | 'resource'
  /** Of what a plugin keeps ("resource"): the standard stream that it stands for, "" for none. */
  readonly guestPath: string
  readonly preopen: number
  readonly fdflags: number
  readonly rightsBase: bigint
  readonly rightsInheriting: bigint
  readonly offset: bigint
  readonly size: bigint
  readonly modifiedNs: bigint
  readonly unread: Uint8Array
  readonly stream: string
}

export interface View {
  /** Hex. */
  readonly moduleSha256: string
  /** In pages of 64 KiB; contents are in images. */
  readonly memories: readonly { readonly pages: number }[]
  readonly instances: readonly Instance[]
  readonly threads: readonly Thread[]
  readonly monotonicNs: bigint
  readonly environment: GuestEnvironment
  readonly descriptors: readonly Descriptor[]
}
