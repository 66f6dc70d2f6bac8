import type { Blocker } from '../guest/inspect.js'
import type { Deterministic, DirectoryMapping } from '../guest/run-options.js'

export interface VerifyOptions {
  /** Pause points to try, chosen at random over the whole run; all when there are fewer. 20 by
   *  default. */
  readonly points?: number
  /** Chooses the points, and the guest's random numbers unless `deterministic` says otherwise. */
  readonly seed?: bigint
  /** Try exactly these positions instead, in one run. */
  readonly at?: readonly bigint[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Every run gets a copy of each directory; the originals are only read. */
  readonly dirs?: readonly DirectoryMapping[]
  /** Standard input; empty by default. */
  readonly stdin?: { readonly file: string }
  readonly invoke?: string
  readonly invokeArgs?: readonly string[]
  readonly allowMissingImports?: boolean
  readonly memoryLimitBytes?: number
  readonly stackBytes?: number
  readonly deterministic?: Deterministic
  /**
   * With "both" a recovered guest runs in compiled code, is stopped at a stable point, stored again
   * and goes on in the interpreter. The state at the end is not compared then: compiled code does not
   * count instructions. "interp" by default.
   */
  readonly engine?: 'interp' | 'both'
  /** Plugins that every run has beside those that wasmsh comes with: packages, or paths. */
  readonly plugins?: readonly string[]
  /** Plugins of wasmsh's own that no run has. */
  readonly withoutPlugins?: readonly string[]
  readonly onProgress?: (progress: VerifyProgress) => void
  readonly signal?: AbortSignal
}

export interface VerifyProgress {
  readonly phase: 'reference' | 'points'
  readonly done: number
  readonly total: number
}

/** In what a recovered run differs from one that was never paused. */
export type VerifyAspect = 'outcome' | 'stdout' | 'stderr' | 'files' | 'state' | 'error'

export interface VerifyDifference {
  readonly aspect: VerifyAspect
  /** Short texts: what the untouched run had, and what this one had. */
  readonly expected: string
  readonly actual: string
}

export interface VerifyMismatch {
  /** Instructions executed when the snapshot was taken. */
  readonly position: bigint
  readonly differences: readonly VerifyDifference[]
  /** Words of the command that repeats it: "verify", the file, "--at", ... */
  readonly repeat: readonly string[]
}

export interface VerifyReport {
  readonly file: string
  readonly seed: bigint
  /** How the untouched run ended, as text: "ended with exit code 0". */
  readonly outcome: string
  /** Instructions of the main thread in the whole run. */
  readonly instructions: bigint
  /** In what two untouched runs differ already; empty for a program that can be verified. */
  readonly unstable: readonly VerifyDifference[]
  readonly points: number
  readonly passed: number
  /** Points at which a snapshot would lose something, and says so. */
  readonly blocked: readonly { readonly position: bigint; readonly blockers: readonly Blocker[] }[]
  readonly mismatches: readonly VerifyMismatch[]
  readonly elapsedMs: number
}

/** What each child process is told about the program. */
export interface VerifyProgram {
  readonly file: string
  /** Folder of a store that only this verification uses. */
  readonly home: string
  readonly options: Omit<VerifyOptions, 'onProgress' | 'signal' | 'points' | 'at' | 'dirs'>
}

export interface Output {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** What a guest did from its start, or from its recovery, to its end. */
export interface RunResult extends Output {
  readonly outcome: string
  /** Digest over names, kinds and contents below every directory. */
  readonly files: string
  /** Digest of memory, globals, tables and frames before the last instruction; null when it was
   *  not asked for. */
  readonly state: string | null
  /** Instructions of the main thread, where they were counted. */
  readonly instructions: bigint | null
}

/** A snapshot taken at a position. */
export interface Taken {
  readonly position: bigint
  readonly snapshot: string | null
  readonly blockers: readonly Blocker[]
  /** Bytes of output up to there. */
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Copies of the directories as they were then. */
  readonly dirs: readonly DirectoryMapping[]
}

/** One that could be stored. */
export type Stored = Taken & { readonly snapshot: string }

/** What an untouched run did: what every other is compared with. */
export interface Reference extends RunResult {
  readonly instructions: bigint
}

/** Work for one child process; `dirs` are copies of its own. */
export type VerifyJob =
  | {
      readonly kind: 'run'
      readonly program: VerifyProgram
      readonly dirs: readonly DirectoryMapping[]
      /** Position at which to look at the state; null for a run without any pause. */
      readonly last: bigint | null
      readonly counting: boolean
      readonly engine: 'interp' | 'aot'
    }
  | {
      readonly kind: 'take'
      readonly program: VerifyProgram
      readonly dirs: readonly DirectoryMapping[]
      /** In ascending order. */
      readonly positions: readonly bigint[]
      /** Folder for copies of the directories. */
      readonly copies: string
    }
  | {
      readonly kind: 'finish'
      readonly program: VerifyProgram
      readonly taken: readonly Stored[]
      /** Output of the process that took them. */
      readonly before: Output
      readonly reference: Reference
    }

export interface VerifyResults {
  readonly run: RunResult
  /** With the output up to the last of the points. */
  readonly take: Output & { readonly points: readonly Taken[] }
  /** In the order of `taken`. */
  readonly finish: readonly (readonly VerifyDifference[])[]
}
