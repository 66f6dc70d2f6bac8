/** What is asked of the process that compiles, and what it says. */
import type { FramePoint } from '../aot/twin-list.js'
import type { ErrorCode } from '../errors.js'
import type { LoopPoint } from '../profile/hot-loops.js'
import type { CompileTarget } from './target.js'

/** Which twins the code of a module has: "open", the default, has places for those that are made when
 *  they are needed, "all" has all. */
export type CodeTwins = 'open' | 'all'

/** The code proper, or just twins for it. */
export type WantedTwins = CodeTwins | readonly FramePoint[]

export interface CompileJob {
  /** Path of wasmsh-compiler. */
  readonly program: string
  /** File of the module. */
  readonly module: string
  /** Empty directory for what is made: see `outputs`. */
  readonly directory: string
  readonly twins: WantedTwins
  /** Twins that are made at once, and slow: nothing is optimized. */
  readonly isQuick: boolean
  /** Any machine of that CPU; null for just this machine. */
  readonly target: CompileTarget | null
  /** Loops in which polls are to be thinned. */
  readonly hotLoops: readonly LoopPoint[]
}

/** Names of what a job makes. */
export const outputs = {
  /** Machine code, as WAMR loads it. */
  code: 'code.aot',
  /** The table of stable points. */
  points: 'points.bin',
  /** The table of where code may trap; read when it does. */
  traps: 'traps.bin',
  /** A BuildDescription. */
  build: 'build.json',
} as const

/** How far it is, in the order in which it happens; "ready" also when it has failed. */
export const compilePhases = ['prepare', 'load', 'generate', 'optimize', 'emit', 'ready'] as const
export type CompilePhase = (typeof compilePhases)[number]

export type CompileNews =
  | { readonly phase: CompilePhase }
  | { readonly done: true }
  | { readonly code: ErrorCode; readonly message: string }
