import type { CodeTwins, CompilePhase } from '../compile/compile-job.js'
import type { NoCodeReason } from '../compile/compiler.js'
import type { WasmshError } from '../errors.js'
import type { PluginFlags } from '../plugin.js'

/** How one standard stream of a guest is connected. A terminal is a pipe that the guest sees as a
 *  character device; a resource is what a plugin opens, "pipe:jobs". */
export type StreamOption =
  | 'pipe'
  | 'terminal'
  | 'null'
  | { readonly file: string }
  | { readonly resource: string }

/** A stream that needs nothing named. */
export type PlainStream = Extract<StreamOption, string>

/** A directory that a guest may use. */
export interface DirectoryMapping {
  readonly host: string
  /** Path under which the guest sees it, "/data" or ".". */
  readonly guest: string
}

/** Makes a run repeatable: seeded random numbers, clocks that advance by a step per call. */
export interface Deterministic {
  readonly seed?: bigint
  /** Real time at the start, nanoseconds since 1970. */
  readonly clockNs?: bigint
  /** By how much each clock call advances the time, nanoseconds. */
  readonly stepNs?: bigint
}

/** What run and recover have in common. */
export interface StartOptions {
  /** Name of the guest; by default the file's name without ".wasm". A number is added when a guest
   *  of that name exists. */
  readonly name?: string
  /** "pipe" by default: guest.stdin, guest.stdout and guest.stderr. */
  readonly stdin?: StreamOption
  readonly stdout?: StreamOption
  readonly stderr?: StreamOption
  /** What plugins open for further descriptors, by their numbers: { 5: 'pipe:jobs:r' }. At a recovery
   *  it takes the place of what a plugin kept there. */
  readonly descriptors?: Readonly<Record<number, string>>
  /** Park before the first instruction. */
  readonly paused?: boolean
  /** Park before that many instructions of the main thread have run, from 0. */
  readonly pauseAt?: bigint
  /** Count instructions, so that positions are known (slower); implied by pauseAt. */
  readonly counting?: boolean
  /** Upper limit of each linear memory; rounded down to pages of 64 KiB. */
  readonly memoryLimitBytes?: number
  /** Bytes for frames, locals and operands; 8 MiB by default. */
  readonly stackBytes?: number
  /** "interp", the default; "aot", to run machine code between stops; or "auto": machine code if it
   *  was made before, else the interpreter until it is made. With "aot" a recovered guest is
   *  interpreted too until it can go on in machine code. */
  readonly engine?: 'interp' | 'aot' | 'auto'
  /** What machine code may be missing for: "open", the default, has twins made when they are needed,
   *  for the frames at hand; "all" is code that can be entered everywhere, which takes much longer to
   *  make and is larger. */
  readonly twins?: CodeTwins
  /** Stands still rather than be interpreted while machine code is made, with "aot": until the best is
   *  there, or "quick": until there is some, which is better later. False by default; but a program that
   *  is run from its beginning waits for its code. */
  readonly waitForCode?: boolean | 'quick'
  /** Told why the guest has begun in the interpreter, and why a guest stays in it when the machine code
   *  that was to be made meanwhile cannot be. */
  readonly onInterpreted?: (reason: NoCodeReason, message: string) => void
  /** Told that machine code, which was made meanwhile, is there, and how long that took. */
  readonly onCompiled?: (elapsedMs: number) => void
  /** Gives up what has to be compiled before the guest starts. */
  readonly compileSignal?: AbortSignal
  /** Told what the compiler is at, when something has to be compiled before the guest starts. */
  readonly onCompile?: (phase: CompilePhase) => void
  /** Most bytes kept of the guest's operations, the oldest go first; 0 keeps none. 256 MiB by
   *  default. */
  readonly logLimitBytes?: number
  /** Keep with the operations the bytes that they read and wrote, up to as many again; false by
   *  default. */
  readonly recordData?: boolean
}

export interface RunOptions extends StartOptions {
  /** Arguments behind the program's name. */
  readonly args?: readonly string[]
  /** The whole environment of the guest; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>
  readonly dirs?: readonly DirectoryMapping[]
  /** True takes the defaults: seed 0, clock 0, step 1000 ns. */
  readonly deterministic?: boolean | Deterministic
  /** Export to call instead of "_start", and its arguments as text (see core/value.ts). */
  readonly invoke?: string
  readonly invokeArgs?: readonly string[]
  /** Start although imports are missing; calling one is a trap. */
  readonly allowMissingImports?: boolean
  /** What the guest is called in messages when it is given as bytes. */
  readonly file?: string
  /** File that the visits of each stable point are written to, in place of what is there: whenever the
   *  guest has been paused, trapped or ended. Counted in the interpreter alone. */
  readonly profile?: string
  /** Told that the profile could not be written. */
  readonly onProfileFailure?: (error: WasmshError) => void
}

/** Streams are as they were, unless told otherwise: a file is continued where the guest was in it, and
 *  what a plugin kept stays so, unless a file or another resource is named for it. */
export interface RecoverOptions extends StartOptions {
  /** How streams are connected that were no files and that no plugin kept; by default as they were. */
  readonly plainStreams?: Readonly<Partial<Record<'stdin' | 'stdout' | 'stderr', PlainStream>>>
  /** Host directories for guest directories, where they are elsewhere than at the snapshot. */
  readonly mapDirs?: readonly DirectoryMapping[]
  /** The module's file, when the store does not have it. */
  readonly module?: string
  /** Check every block of memory against its checksum first; true by default. */
  readonly verify?: boolean
  /** Flags of plugins, by name: { overwrite: true }. */
  readonly flags?: PluginFlags
  /** Plugins whose resources are left out. */
  readonly without?: readonly string[]
}
