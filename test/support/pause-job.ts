/** What a sweep of asynchronous pauses asks of its child processes; see pause-sweep.ts. */

export interface PauseProgram {
  /** What it is called in messages. */
  readonly name: string
  /** Bytes of the module, or its path. */
  readonly module: string | Uint8Array
  /** All of standard input, given in pieces, some only to the recovered guest; none by default. */
  readonly stdin?: string
  /** Nobody reads its output before it is paused. */
  readonly isUnread?: boolean
}

/** How a run ended. */
export interface PauseEnding {
  readonly outcome: string
  readonly stdout: Uint8Array
}

/** A guest that was paused, stored and ended. */
export interface PausedGuest {
  readonly snapshot: string
  /** Its state when it stood still; see sweep-state.ts. */
  readonly state: string
  /** Host call in which the pause met it. */
  readonly hostCall: string | null
  readonly stdout: Uint8Array
  /** What it was not given of its input. */
  readonly stdin: string
}

export interface PausedGuests {
  readonly unpaused: PauseEnding
  readonly paused: readonly PausedGuest[]
}

export type PauseJob =
  | {
      readonly kind: 'take'
      readonly program: PauseProgram
      readonly home: string
      readonly count: number
      readonly seed: number
    }
  | { readonly kind: 'recover'; readonly home: string; readonly guests: PausedGuests }

export interface PauseResults {
  readonly take: PausedGuests
  /** What differs, a line each. */
  readonly recover: readonly string[]
}
