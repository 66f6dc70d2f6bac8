import type { NativeTrap, PauseTime } from '../native.js'
import type { ResourcePlan } from '../plugin.js'
import type { EngineName } from '../snapshot/manifest.js'
import type { ValueType } from '../wasm-view.js'
import type { PauseReason } from './events.js'
import type { Making } from './guest-code.js'
import type { GuestState as State } from './guest-state.js'

/** A typed value with its text, which parses back without loss (core/value.ts). */
export interface TypedValue {
  readonly type: ValueType
  readonly bits: bigint
  readonly text: string
}

/** One call frame; 0 is the innermost. `pc` counts bytes from the function's first instruction. */
export interface FrameInfo {
  readonly frame: number
  readonly function: number
  /** From the name section or an export, else "#12". */
  readonly name: string
  readonly pc: number
  readonly localCount: number
  readonly operandCount: number
}

export interface LocalInfo extends TypedValue {
  readonly index: number
  /** From the name section; empty without. */
  readonly name: string
  readonly isParameter: boolean
  /** False for a local that compiled code has dropped. */
  readonly isAvailable: boolean
}

/** An operand; index 0 is the bottom of the frame's operands. */
export interface OperandInfo extends TypedValue {
  readonly index: number
}

export interface GlobalInfo extends TypedValue {
  readonly index: number
  readonly name: string
  readonly isMutable: boolean
}

export interface TableInfo {
  readonly index: number
  readonly type: string
  /** Elements now, and the most that the module allows. */
  readonly size: number
  readonly max: number | null
}

export interface ElementInfo {
  readonly index: number
  /** Function index; null for a null reference. */
  readonly function: number | null
  /** Empty for a null reference. */
  readonly name: string
}

export interface GuestInfo {
  readonly name: string
  readonly id: number
  readonly file: string
  readonly moduleSha256: string
  /** The interpreter, or compiled code between stops. */
  readonly engine: EngineName
  readonly state: State
  /** Why it is parked; null when it is not, or trapped. */
  readonly reason: PauseReason | null
  readonly trap: NativeTrap | null
  readonly exitCode: number | null
  /** Host call that the main thread is in, "wasi_snapshot_preview1.fd_read". */
  readonly hostCall: string | null
  readonly memoryBytes: number
  /** Instructions of the main thread so far, when counted from the start. */
  readonly position: bigint | null
  /** Guest time and CPU time, nanoseconds. */
  readonly monotonicNs: bigint
  readonly cpuNs: bigint
  /** How long it took to stand still when it was told to pause, the last time; null before. */
  readonly pause: PauseTime | null
  readonly hostCalls: bigint
  readonly stdoutBytes: bigint
  readonly stderrBytes: bigint
  readonly frameCount: number
  /** It is in compiled code now: "aot" is interpreted until it can be entered. */
  readonly inCompiled: boolean
  /** What is being compiled for it. */
  readonly compiling: Making | null
  /** Why what was to be compiled for it could not be: it stays in the interpreter. */
  readonly compileFailure: string | null
}

/** Something that a snapshot taken now would lose. */
export interface Blocker {
  readonly resource: string
  readonly reason: string
  readonly hint: string
}

/** Something about a resource that is worth knowing, and stands against nothing. */
export interface Remark {
  readonly resource: string
  readonly reason: string
}

/** What a snapshot would hold; the answer of a dry run. */
export interface SnapshotPlan {
  readonly guest: string
  readonly blockers: readonly Blocker[]
  /** Where the operation log says something else of a descriptor than the system does, which a
   *  snapshot goes by: another process had its hands in it. */
  readonly remarks: readonly Remark[]
  /** What plugins would do about the guest's resources. */
  readonly resources: readonly ResourcePlan[]
  readonly memoryBytes: number
  /** Snapshot that the new one would be stored against; null for a full one. */
  readonly parent: string | null
  readonly module: { readonly sha256: string; readonly bytes: number }
  readonly edits: number
}
