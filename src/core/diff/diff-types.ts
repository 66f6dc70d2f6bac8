import type { View } from '../wasm-view.js'

/** Two values of the same thing; null where one snapshot has none. */
export interface Change<Value> {
  readonly a: Value | null
  readonly b: Value | null
}

/** A typed wasm value as text that parses without loss. */
export interface TypedText {
  readonly type: string
  readonly value: string
}

export interface MemoryDifference {
  readonly memory: number
  /** Sizes of the linear memory. */
  readonly bytes: Change<number>
  /** Where the contents differ, in bytes; within the smaller of the two sizes. */
  readonly ranges: readonly { readonly address: bigint; readonly length: bigint }[]
  /** True when there are more ranges than were asked for. */
  readonly truncated: boolean
}

export interface ValueDifference extends Change<TypedText> {
  readonly index: number
}

export interface FrameDifference {
  /** Counted from the outermost, 0. */
  readonly depth: number
  readonly function: Change<number>
  readonly pc: Change<number>
  readonly locals: readonly ValueDifference[]
  readonly operands: readonly ValueDifference[]
}

export interface ThreadDifference {
  readonly thread: number
  readonly status: Change<View['threads'][number]['status']> | null
  readonly position: Change<bigint> | null
  /** Number of frames. */
  readonly depth: Change<number> | null
  /** Host call in progress, as text. */
  readonly call: Change<string> | null
  /** Entry, instance, wait, trap. */
  readonly fields: readonly FieldDifference[]
  readonly frames: readonly FrameDifference[]
}

export interface FieldDifference extends Change<string> {
  readonly field: string
}

/** All in which two snapshots differ; lists are empty where they are the same. */
export interface SnapshotDiff {
  readonly a: { readonly id: string; readonly name: string }
  readonly b: { readonly id: string; readonly name: string }
  /** Nothing differs but clocks. */
  readonly same: boolean
  /** Digests, when the snapshots are of different modules. */
  readonly module: Change<string> | null
  readonly memories: readonly MemoryDifference[]
  readonly globals: readonly (ValueDifference & { readonly instance: number })[]
  readonly tables: readonly {
    readonly instance: number
    readonly table: number
    readonly size: Change<number>
    /** Function indices, -1 for null. */
    readonly elements: readonly (Change<number> & { readonly index: number })[]
    readonly truncated: boolean
  }[]
  readonly threads: readonly ThreadDifference[]
  readonly descriptors: readonly {
    readonly fd: number
    readonly fields: readonly FieldDifference[]
  }[]
  /** Arguments, environment, random state, dropped segments. */
  readonly other: readonly FieldDifference[]
  /** Monotonic time of the guest and CPU time of its threads, in nanoseconds. */
  readonly clocks: readonly FieldDifference[]
}
