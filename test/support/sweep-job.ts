/** What a sweep asks of its child processes; see sweep.ts. */

/** A program with everything that it is run with. */
export interface SweepProgram {
  /** What it is called in messages. */
  readonly name: string
  /** Bytes of the module, or its path. */
  readonly module: string | Uint8Array
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** All of standard input; empty by default. */
  readonly stdin?: string
  readonly invoke?: string
  readonly invokeArgs?: readonly string[]
  /** Files of the guest's directory "/data", by name; without them it has no directory. */
  readonly files?: Readonly<Record<string, string>>
  readonly stackBytes?: number
}

/** How a run went, as far as anybody outside of it can tell. */
export interface Ending {
  /** "ended with exit code 0", "trapped: unreachable in function 3 at pc 7". */
  readonly outcome: string
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** Names and contents of what is in "/data". */
  readonly files: string
}

/** A run that was never paused, and the state before its last instruction. */
export interface Reference {
  readonly ending: Ending
  /** Instructions of the whole run. */
  readonly instructions: number
  /** Where `state` was read: the last instruction, or the one that trapped. */
  readonly last: number
  readonly state: string
}

/** Which pause points: all, or that many chosen at random by a seed. */
export type Points = 'all' | { readonly count: number; readonly seed: number }

/** A snapshot taken at a position, and the output up to there. */
export interface Taken {
  readonly position: number
  /** Folder of the store that holds it. */
  readonly home: string
  readonly snapshot: string
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Copy of the guest's directory as it was then; empty without one. */
  readonly directory: string
}

export interface Mismatch {
  readonly position: number
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/** What one process found out about a program, and where it put the snapshots. */
export interface Stored {
  readonly reference: Reference
  readonly taken: readonly Taken[]
  /** How the guests ended that had been stored all the time. */
  readonly endings: readonly Ending[]
}

export type SweepJob =
  | {
      readonly kind: 'take'
      readonly programs: readonly SweepProgram[]
      /** Folder for everything that the sweep writes. */
      readonly home: string
      readonly points: Points
    }
  | { readonly kind: 'recover'; readonly stored: readonly Stored[] }

/** One item a program, in the same order. */
export interface SweepResults {
  readonly take: readonly Stored[]
  readonly recover: readonly (readonly Mismatch[])[]
}
