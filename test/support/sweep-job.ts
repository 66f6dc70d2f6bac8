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
  /** Where recovered guests find their files; each pause point is recovered once for each of them.
   *  Only from a copy by default. */
  readonly filesFrom?: readonly FilesFrom[]
  /** Whether points begin behind its first output: what comes before is a start that takes long and
   *  is not what the sweep is about. */
  readonly skipStart?: boolean
  readonly stackBytes?: number
  /** Recovered guests go on in compiled code, to their ends. */
  readonly toCompiled?: boolean
  /** Each snapshot is whole, no child of the one before: not every reader takes children. */
  readonly areWhole?: boolean
}

/**
 * Where a recovered guest finds its files:
 * - copy: in a copy of its directory as it was at the snapshot, at another path;
 * - all: in an empty directory, from the snapshot with `--contents all`;
 * - written: in a copy of the directory as it was at first, from the snapshot with `--contents
 *   written`; names that the guest had removed are removed there too, as recovery asks for.
 */
export type FilesFrom = 'copy' | 'all' | 'written'

/** How a run went, as far as anybody outside of it can tell. */
export interface Ending {
  /** "ended with exit code 0", "trapped: unreachable in function 3 at pc 7". */
  readonly outcome: string
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** All that is in "/data", see sweep-tree.ts. */
  readonly files: string
}

/** A run that was never paused, and the state before its last instruction. */
export interface Reference {
  readonly ending: Ending
  /** Instructions of the whole run. */
  readonly instructions: number
  /** The first pause point there can be. */
  readonly first: number
  /** Where `state` was read: the last instruction, or the one that trapped. */
  readonly last: number
  readonly state: string
  /** Position behind each host call, ascending, from `first` on. */
  readonly hostCalls: readonly number[]
}

/** Which pause points: every instruction, in front of and behind every host call, or some of them
 *  chosen at random by a seed. */
export type Points = PointSet | ChosenPoints
export type PointSet = 'all' | 'host calls'

export interface ChosenPoints {
  readonly count: number
  readonly seed: number
  /** "all" by default. */
  readonly of?: PointSet
}

/** A snapshot taken at a position, and the output up to there. */
export interface Taken {
  readonly position: number
  /** Folder of the store that holds it. */
  readonly home: string
  readonly snapshot: string
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly filesFrom: FilesFrom
  /** Directory whose copy the recovered guest gets; "" for a guest without one. */
  readonly directory: string
}

export interface Mismatch {
  readonly position: number
  /** "stdout", "state", "files", ...; with what was recovered from, when that is no copy. */
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/** What one process found out about a program, and where it put the snapshots. */
export interface Stored {
  readonly reference: Reference
  readonly toCompiled: boolean
  /** Pause points, ascending. */
  readonly positions: readonly number[]
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
