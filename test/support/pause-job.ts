/** What a sweep of asynchronous pauses asks of its child processes; see pause-sweep.ts. */
import type { RunOptions } from '../../src/index.js'

/** What runs a guest: "interp" or "aot". */
export type Engine = NonNullable<RunOptions['engine']>

export interface PauseProgram {
  /** What it is called in messages. */
  readonly name: string
  /** Bytes of the module, or its path. */
  readonly module: string | Uint8Array
  /** All of standard input, given in pieces, some only to the recovered guest; none by default. */
  readonly stdin?: string
  /** Nobody reads its output before it is paused. */
  readonly isUnread?: boolean
  readonly args?: readonly string[]
  /** Files of the guest's directory "/data", by name; without them it has no directory. */
  readonly files?: Readonly<Record<string, string>>
  /** What runs it up to its pauses; "interp" by default. */
  readonly engine?: Engine
  /** Which twins its machine code has when it is recovered: "open" has those made that it needs, at
   *  each of its pauses. */
  readonly twins?: NonNullable<RunOptions['twins']>
  /** Of those that it needs, it gets quick ones first. */
  readonly isQuick?: boolean
  /** What runs it from then on: each snapshot is recovered once for each. Only "interp" by default. */
  readonly recoverEngines?: readonly Engine[]
}

/** How a run ended. */
export interface PauseEnding {
  readonly outcome: string
  readonly stdout: Uint8Array
  /** All that is in "/data", see sweep-tree.ts. */
  readonly files: string
}

/** Pauses at so many random times, each of a new guest, or of one guest that is let go on and paused at once, until it ends. */
export type Pauses = number | 'as often as it stops'

/** A guest that was paused and stored. */
export interface PausedGuest {
  readonly snapshot: string
  /** Its state when it stood still; see sweep-state.ts. */
  readonly state: string
  /** Host call in which the pause met it. */
  readonly hostCall: string | null
  readonly stdout: Uint8Array
  /** A copy of its directory as it was then; "" without one. */
  readonly directory: string
  /** What it was not given of its input. */
  readonly stdin: string
}

export interface PausedGuests {
  readonly unpaused: PauseEnding
  readonly fromCompiled: boolean
  readonly twins: NonNullable<RunOptions['twins']>
  readonly isQuick: boolean
  readonly paused: readonly PausedGuest[]
}

export type PauseJob =
  | {
      readonly kind: 'take'
      readonly program: PauseProgram
      readonly home: string
      readonly pauses: Pauses
      readonly seed: number
    }
  | {
      readonly kind: 'recover'
      readonly home: string
      readonly guests: PausedGuests
      readonly engines: readonly Engine[]
    }

export interface PauseResults {
  readonly take: PausedGuests
  /** What differs, a line each. */
  readonly recover: readonly string[]
}
