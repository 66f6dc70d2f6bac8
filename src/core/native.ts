/**
 * The typed face of `wasmsh.node`: the only file that loads it. Bytes cross as Uint8Array, 64-bit
 * integers as bigint, floats by their bits. Nothing here waits for a guest: requests return at once
 * and news arrives through the engine's one callback.
 */
import { createRequire } from 'node:module'
import { findBuilt } from './built.js'
import { WasmshError } from './errors.js'
import type { Descriptor, View } from './wasm-view.js'

/** News of one guest, in the order in which it happened. */
export type NativeEvent =
  /** Instantiated; about to execute its first instruction (or recovered). */
  | { readonly guest: number; readonly kind: 'started' }
  | { readonly guest: number; readonly kind: 'parked'; readonly reason: ParkReason }
  /** `code` is the exit code; a guest that returns from its entry has 0. `results` are those of the
   *  entry export, `position` the instructions of the whole run, when counted from the start. */
  | {
      readonly guest: number
      readonly kind: 'ended'
      readonly code: number
      readonly results: readonly NativeValue[]
      readonly position: bigint | null
    }
  | { readonly guest: number; readonly kind: 'killed' }
  /** Many operations that change identity wait in the log: takeChanges. */
  | { readonly guest: number; readonly kind: 'changes' }
  /** The guest waits for a plugin, until NativeEngine.answer. */
  | {
      readonly guest: number
      readonly kind: 'request'
      readonly id: bigint
      readonly request: NativeRequest
    }
  /** Moved from the interpreter into compiled code. */
  | { readonly guest: number; readonly kind: 'crossed' }
  /** The guest would go on in compiled code, if there were twins of the functions of its frames: each
   *  place once, the innermost first; `depth` counts frames. Until NativeEngine.offer it is
   *  interpreted. */
  | {
      readonly guest: number
      readonly kind: 'twins'
      readonly frames: readonly NativeFramePoint[]
      readonly depth: number
    }
  /** Could not start or recover; nothing of the guest is left. */
  | { readonly guest: number; readonly kind: 'failed'; readonly error: NativeStatus }

/** What a guest asks of a plugin in the middle of a host call. */
export interface NativeRequest {
  readonly kind: 'call' | 'open' | 'read' | 'write' | 'seek' | 'stat' | 'close'
  /** Of a call: place among NativeGuestOptions.imports. Of an open: among `provided`. Else: number of
   *  the open file. */
  readonly target: number
  /** Of a call: the arguments by their bits. Of an open: fdflags and rights. Of a read: most bytes. Of
   *  a seek: offset and whence. */
  readonly numbers: readonly bigint[]
  readonly bytes: Uint8Array | null
}

export type NativeAnswer =
  | {
      readonly kind: 'done'
      /** WASI errno; 0 for calls of imports. */
      readonly error: number
      /** Of a call: its result by its bits. Of an open: number of the file and what it can do (1 read,
       *  2 write, 4 seek). Of a write: bytes taken. Of a seek: the offset. Of a stat: size and time
       *  of modification. */
      readonly numbers: readonly bigint[]
      /** Into the guest's memory, all of them or, when one is outside, none and a trap. */
      readonly writes: readonly { readonly address: number; readonly bytes: Uint8Array }[]
      readonly bytes: Uint8Array | null
    }
  /** Without any effect: the call stays pending and is made again. */
  | { readonly kind: 'not-begun' }
  /** The guest traps. */
  | { readonly kind: 'failed'; readonly text: string }

/** A path behind which is a file of a plugin. */
export interface NativeProvided {
  readonly guestPath: string
  readonly plugin: string
  /** WASI's number. */
  readonly filetype: number
}

/** An import that a plugin provides. */
export interface NativeImport {
  readonly module: string
  readonly name: string
  /** "(iI)f", i I f F for i32 i64 f32 f64. */
  readonly signature: string
  /** Place of its shape in the guest's log. */
  readonly shape: number
}

export type ParkReason =
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  /** Reached the position of `pauseAt`. */
  | { readonly kind: 'position' }
  /** Started with `paused`, or recovered with it. */
  | { readonly kind: 'entry' }
  /** Only compiled code can run it, and what it needs to go on could not be made. */
  | { readonly kind: 'no-code' }
  | { readonly kind: 'trap'; readonly trap: NativeTrap }

export interface NativeTrap {
  /** As the specification's tests spell it, e.g. "out of bounds memory access". */
  readonly reason: string
  /** Index of the function in which it happened; null when compiled code does not tell. */
  readonly function: number | null
  /** Of the instruction, in that function; null when compiled code does not tell. */
  readonly pc: number | null
  /** A trap in compiled code leaves no frames: the calls that were in progress, innermost first, as
   *  far as they are known. Empty for a trap in the interpreter, whose frames are there. */
  readonly callers: readonly NativeCaller[]
}

/** A call that was in progress at a trap in compiled code. */
export interface NativeCaller {
  readonly function: number
  /** Of the call; null when compiled code does not tell. */
  readonly pc: number | null
}

/** Error codes are those of core/errors.ts without the ERR_WASMSH_ prefix. */
export interface NativeStatus {
  readonly code: string
  readonly message: string
  readonly errno: number
}

export interface ModuleDescription {
  readonly name: string
  readonly imports: readonly ModuleImport[]
  readonly exports: readonly { name: string; kind: ExternalKind; index: number }[]
  readonly functionCount: number
  readonly importedFunctions: number
  readonly tables: readonly { type: string; min: number; max: number | null }[]
  /** In pages of 64 KiB. */
  readonly memories: readonly { min: number; max: number | null; shared: boolean }[]
  readonly globals: readonly { type: string; mutable: boolean; name: string }[]
  readonly start: number | null
  readonly usesSimd: boolean
  readonly usesThreads: boolean
}

export type ExternalKind = 'function' | 'table' | 'memory' | 'global'

export interface ModuleImport {
  readonly module: string
  readonly name: string
  readonly kind: ExternalKind
  /** "(func (param i32 i64) (result i32))", "(memory 1)", ... */
  readonly type: string
  /** False when wasmsh has no such host call, or has it with another type. */
  readonly provided: boolean
}

export interface FunctionDescription {
  readonly index: number
  readonly name: string
  readonly imported: boolean
  readonly params: readonly string[]
  readonly results: readonly string[]
  /** Every local, parameters first. */
  readonly locals: readonly { type: string; name: string }[]
  /** Bytes of the body, from the first instruction. */
  readonly codeBytes: number
}

/** A module that the engine holds; freed when garbage collected and no guest uses it. */
export interface NativeModule {
  describe(): ModuleDescription
  function(index: number): FunctionDescription
  /** Index of a function by its name (name section, then export, then import); -1 without. */
  findFunction(name: string): number
  /** Decoded instructions of a body in order; `count` from the one at or behind `pc`. */
  disassemble(function_: number, pc: number, count: number): { pc: number; text: string }[]
}

/** Machine code of a module that the engine holds; freed as a NativeModule is. */
export interface NativeCompiled {
  readonly compiled: never
}

/** Twins for machine code: it can be entered with certain frames. */
export interface NativeTwins {
  readonly twins: never
}

/** What a build of a suspendable module has at which index; see core/aot/build-description.ts. */
export interface NativeBuild {
  readonly functions: number
  readonly importedFunctions: number
  readonly addedImports: number
  readonly twinTable: number | null
  readonly twins: readonly number[]
  readonly twinPoints: readonly (readonly number[] | null)[]
  readonly firstTwin: number
  readonly sharedTypes: number
}

/** A function of a frame, and the stable point that it stands at. */
export interface NativeFramePoint {
  readonly function: number
  readonly point: number
}

/** Counters of the instructions of a module: how often each was come to by a call, a return or a
 *  branch back to a loop. */
export interface NativeVisits {
  /** Those that were come to at all, ascending; one list each. */
  read(): {
    readonly functions: Uint32Array
    readonly pcs: Uint32Array
    readonly counts: Float64Array
  }
}

export interface NativeStream {
  /** Host descriptor; the engine owns it from now on. -1 for kind "null". */
  readonly fd: number
  readonly kind: 'pipe' | 'file' | 'null' | 'terminal' | 'resource'
}

export interface NativeGuestOptions {
  readonly arguments: readonly string[]
  readonly environment: readonly string[]
  readonly preopens: readonly { guestPath: string; hostPath: string }[]
  readonly stdin: NativeStream
  readonly stdout: NativeStream
  readonly stderr: NativeStream
  /** Export to call, "_start" for commands. */
  readonly entry: string
  /** Arguments of that export, by their bits. */
  readonly entryArguments: readonly bigint[]
  /** Bytes of the wasm stack (frames, locals, operands, labels). */
  readonly stackBytes: number
  /** Upper limit of each linear memory, in pages; 65536 without one. */
  readonly memoryLimitPages: number
  readonly paused: boolean
  /** Pause before that many instructions of the main thread have run; null without. */
  readonly pauseAt: bigint | null
  /** Count instructions from the start, so that positions are known (slower). */
  readonly counting: boolean
  /** Machine code to run in; null for the interpreter, at first. */
  readonly compiled: NativeCompiled | null
  /** Machine code may be offered later. */
  readonly mayCross: boolean
  /** Where twins are missing, the guest stands still until they are offered. */
  readonly awaitsTwins: boolean
  /** Where host calls are recorded; null without. One guest's only. */
  readonly opLog: NativeOpLog
  /** Where the interpreter counts visits; null or undefined without. One guest's only. */
  readonly visits?: NativeVisits | null
  readonly imports: readonly NativeImport[]
  readonly provided: readonly NativeProvided[]
  /** Host descriptors that plugins keep, by the numbers that the guest is to see; the engine owns
   *  them from now on. */
  readonly given: readonly { readonly fd: number; readonly hostFd: number }[]
  readonly deterministic: { seed: bigint; realtimeNs: bigint; stepNs: bigint } | null
}

export interface NativeMemoryIndex {
  readonly bytes: number
  /** Pages of 4 KiB whose contents the own image holds, times 4096. */
  readonly ownBytes: number
  /** Pages with contents in any image, times 4096. */
  readonly storedBytes: number
  readonly extents: number
  readonly images: number
}

/** Result of writing a snapshot's native files into a directory. */
export interface NativeSnapshot {
  /** state.bin, memory-N.img, memory-N.idx with their sizes in bytes. */
  readonly files: readonly { name: string; bytes: number }[]
  readonly memories: readonly NativeMemoryIndex[]
}

export interface NativeParent {
  /** Index files of the parent, one a memory. */
  readonly indexes: readonly Uint8Array[]
  /** True when this guest was snapshot as (or recovered from) exactly that parent by this process
   *  and its changed pages have been tracked since. */
  readonly token: string
}

export interface NativeRecoverOptions {
  /** Contents of state.bin. */
  readonly state: Uint8Array
  readonly memories: readonly { index: Uint8Array; images: readonly string[] }[]
  readonly preopens: readonly { guestPath: string; hostPath: string }[]
  readonly stdin: NativeStream
  readonly stdout: NativeStream
  readonly stderr: NativeStream
  readonly stackBytes: number
  readonly memoryLimitPages: number
  readonly paused: boolean
  readonly pauseAt: bigint | null
  readonly counting: boolean
  readonly compiled: NativeCompiled | null
  readonly mayCross: boolean
  readonly awaitsTwins: boolean
  readonly opLog: NativeOpLog
  readonly imports: readonly NativeImport[]
  readonly provided: readonly NativeProvided[]
  /** Host descriptors for what plugins keep, and for files instead of opening these by their path; the
   *  engine owns them from now on. */
  readonly given: readonly { readonly fd: number; readonly hostFd: number }[]
  /** Check every block of memory against its checksum first. */
  readonly verify: boolean
  /** Names the snapshot, so that a child of it can store only what changed. */
  readonly token: string
}

/** What the operations of one host call look like. */
export interface NativeOpShape {
  /** As in WASI preview 1: "path_open"; of an import "env.sensor_read". */
  readonly name: string
  /** It can make, end or change a resource or its name. */
  readonly changesIdentity: boolean
  /** Types as in the specification of preview 1: "fd", "filesize", "path", ... */
  readonly fields: readonly {
    readonly name: string
    readonly type: string
    readonly isResult: boolean
  }[]
}

export interface NativeOp {
  /** Position in the log; the first is 1n. */
  readonly seq: bigint
  /** Index among opShapes() and the log's imports behind them. */
  readonly shape: number
  readonly thread: number
  /** WASI errno. */
  readonly error: number
  /** Instructions that the thread had executed, the call's own included; null when not counted. */
  readonly position: bigint | null
  /** One a field: a path's bytes, else a number. Results of a failed call are missing. */
  readonly values: readonly (bigint | Uint8Array | undefined)[]
  /** Where the bytes are that the call took from guest memory and put there; null when they were
   *  not kept. */
  readonly data: { readonly offset: bigint; readonly length: bigint } | null
  /** Where the call came from, innermost first; only where the shape changes identity. */
  readonly frames: readonly { readonly function: number; readonly pc: number }[]
  /** What a plugin's call wrote into the guest's memory; of the bytes only the first are kept. */
  readonly writes: readonly {
    readonly address: number
    readonly length: number
    readonly bytes: Uint8Array
  }[]
}

export interface NativeOpLogStats {
  /** Oldest operation kept, and the next one to come. */
  readonly first: bigint
  readonly next: bigint
  /** Bytes kept of operations, and of what readData gives. */
  readonly bytes: bigint
  readonly dataBytes: bigint
  /** Operations of each shape, those no longer kept included. */
  readonly counts: readonly bigint[]
  /** Why operations are not kept, "" when they are. */
  readonly failure: string
}

/** Operations of one guest; outlives it. */
export interface NativeOpLog {
  /** Up to `most` operations from `from` on, or from the oldest one kept. */
  read(from: bigint, most: number): NativeOp[]
  /** The bytes of an operation; null when they are no longer kept. */
  readData(offset: bigint, length: bigint): Uint8Array | null
  stats(): NativeOpLogStats
  /** The oldest operations that change identity and were not taken yet; none when all were. */
  takeChanges(): NativeOp[]
  /** Drops every operation and lets go of the file. */
  discard(): void
}

export type GuestState = 'starting' | 'running' | 'parked' | 'ended'

/** What passed from a request to pause until the guest stood still, nanoseconds. */
export interface PauseTime {
  readonly elapsedNs: bigint
  /** CPU time of the guest; what is missing of the time elapsed it waited for a core, or slept. */
  readonly cpuNs: bigint
}

export interface NativeGuestInfo {
  readonly state: GuestState
  readonly parked: ParkReason | null
  /** Host call that the main thread is in, "wasi_snapshot_preview1.fd_read". */
  readonly hostCall: string | null
  readonly memoryBytes: number
  /** Instructions of the main thread so far, when counted from the start. */
  readonly position: bigint | null
  readonly monotonicNs: bigint
  readonly cpuNs: bigint
  /** The latest request to pause that was answered. */
  readonly pause: PauseTime | null
  readonly hostCalls: bigint
  readonly stdoutBytes: bigint
  readonly stderrBytes: bigint
  readonly frameCount: number
  /** It is in compiled code now. */
  readonly inCompiled: boolean
}

export interface NativeFrame {
  readonly function: number
  readonly pc: number
  readonly localCount: number
  readonly operandCount: number
}

export interface NativeValue {
  readonly type: string
  /** Zero-extended; v128 as 128 bits; a null reference as -1n. */
  readonly bits: bigint
  readonly available: boolean
}

export type NativeEdit =
  | { kind: 'local'; thread: number; frame: number; index: number; bits: bigint }
  /** `index` counts from the bottom of that frame's operands. */
  | { kind: 'operand'; thread: number; frame: number; index: number; bits: bigint }
  | { kind: 'global'; index: number; bits: bigint }
  /** `bits` is a function index or -1n for null. */
  | { kind: 'table'; table: number; index: number; bits: bigint }
  | { kind: 'memory'; memory: number; address: bigint; bytes: Uint8Array }
  /** Innermost frame; operands must fit the new pc. */
  | { kind: 'pc'; thread: number; pc: number }

/** The log, folded, says something else of a descriptor than the kernel does. */
export interface NativeDisagreement {
  readonly fd: number
  readonly resource: string
  readonly reason: string
}

/** Something that a snapshot would lose. */
export interface NativeBlocker {
  /** The guest's descriptor. */
  readonly fd: number
  /** A plugin can take it along: it is the plugin's own, or a file without a name. */
  readonly canTravel: boolean
  readonly resource: string
  readonly reason: string
  readonly hint: string
}

/** One engine a process; every call throws NativeError (code, message, errno) on failure. Frames
 *  are numbered from the innermost, 0. */
export interface NativeEngine {
  /** A digest of the sources that machine code depends on besides the module: the same on every
   *  machine, hex. */
  readonly codeRevision: string
  /** Parses, checks features, and lets WAMR load and validate. Shared by `sha256` (hex). */
  load(sha256: string, bytes: Uint8Array): Promise<NativeModule>
  /** Loads machine code of a module, with its table of stable points. `traps` is the file with the
   *  table of traps, read when there is one. */
  loadCompiled(
    code: Uint8Array,
    points: Uint8Array,
    traps: string,
    build: NativeBuild,
  ): Promise<NativeCompiled>
  loadTwins(compiled: NativeCompiled, code: Uint8Array, build: NativeBuild): Promise<NativeTwins>
  /** Offers a guest code to move over to, or the twins that it has asked for, or better ones, for which
   *  it comes out of compiled code; neither when there are
   *  none to be had. Nobody minds when it is too late. The guest was started with `mayCross` or code. */
  offer(guest: number, compiled: NativeCompiled | null, twins: NativeTwins | null): void
  /** Starts on a thread of its own; news follows as events. Returns the guest's id. */
  start(module: NativeModule, options: NativeGuestOptions): number
  recover(module: NativeModule, options: NativeRecoverOptions): number
  /** Asks all of them to stop before any of them is waited for; unknown ones are left out. */
  pause(guests: readonly number[]): void
  /** Takes a pause back; false when the guest stands still already. */
  withdrawPause(guest: number): boolean
  /** Answers a request; one that nobody waits for any more is dropped. */
  answer(guest: number, request: bigint, answer: NativeAnswer): void
  /** Lets a parked guest go on, until `pauseAt` (an absolute position) when given. A trapped one tries its instruction again. */
  resume(guest: number, pauseAt: bigint | null): void
  /** Executes `count` instructions and parks again with reason "step". */
  step(guest: number, count: bigint): void
  kill(guest: number): void
  info(guest: number): NativeGuestInfo
  /** The figures with which a guest has ended, of which "ended", "killed" or "failed" told. Once. */
  takeLastInfo(guest: number): NativeGuestInfo

  /** The following need a parked guest (GUEST_NOT_PAUSED otherwise). */
  frames(guest: number, thread: number, first: number, count: number): NativeFrame[]
  locals(guest: number, thread: number, frame: number): NativeValue[]
  operands(guest: number, thread: number, frame: number): NativeValue[]
  globals(guest: number): NativeValue[]
  tableSizes(guest: number): number[]
  tableElements(guest: number, table: number, first: number, count: number): bigint[]
  /** Works on running guests too (a copy made by the kernel). */
  readMemory(guest: number, memory: number, address: bigint, length: number): Uint8Array
  /** Checked by type and by validation of the function; returns the old value. */
  edit(guest: number, edit: NativeEdit): bigint | Uint8Array
  /** What a snapshot taken now would lose. */
  blockers(guest: number): NativeBlocker[]
  disagreements(guest: number): NativeDisagreement[]
  /** A further host descriptor for one of the guest's; they share an offset. The caller closes it. */
  copyDescriptor(guest: number, fd: number): number
  sharesOpenFile(guest: number, fd: number, other: number): boolean
  /** Puts an open file at a number of a parked guest; owns `hostFd`. */
  putDescriptor(guest: number, wanted: Descriptor, hostFd: number): void
  closeDescriptor(guest: number, fd: number): void
  /** The view without the contents of memory; unless it is to be whole, without memories, instances and
   *  frames, too: a deep stack has a hundred thousand frames, whose objects take seconds. */
  view(guest: number, isWhole: boolean): View
  /**
   * Writes state.bin, memory-N.img and memory-N.idx into an existing directory. The guest stays
   * parked until the promise settles: resume, step and kill are refused with GUEST_BUSY.
   */
  snapshot(
    guest: number,
    options: {
      readonly directory: string
      readonly sync: boolean
      readonly parent: NativeParent | null
      /** Names the new snapshot for later children. */
      readonly token: string
    },
  ): Promise<NativeSnapshot>
  /** Token of the snapshot whose pages are tracked, "" without. */
  baseToken(guest: number): string
  /** Kills and joins every guest; the engine is of no use afterwards. Synchronous. */
  stop(): void
}

export interface NativeBinding {
  readonly abi: 1
  /** "2.4.3 (978ce3f2)" */
  readonly wamrVersion: string
  readonly openEngine: (onEvents: (events: NativeEvent[]) => void) => NativeEngine
  /** Every import that wasmsh provides. */
  readonly hostCalls: () => { module: string; name: string; signature: string; class: string }[]
  /** A log whose nameless file is made, when it is needed, in the first folder that can be used. */
  readonly createOpLog: (options: {
    readonly folders: readonly string[]
    readonly limitBytes: number
    /** Imports of plugins, behind opShapes(). */
    readonly imports: readonly NativeOpShape[]
    readonly keepsData: boolean
  }) => NativeOpLog
  readonly opShapes: () => NativeOpShape[]
  readonly createVisits: (module: NativeModule) => NativeVisits
  /** A pipe, close-on-exec. */
  readonly createPipe: () => { read: number; write: number }
  readonly closeDescriptor: (fd: number) => void
  /** Sets the offset of an open file, from its start: Node has no lseek. */
  readonly seekDescriptor: (fd: number, offset: bigint) => void
  /** Opens a path below a directory, close-on-exec: nothing in it leads out of the directory, also
   *  while somebody else changes it. Flags and mode as for open(2). Errors have code SYSTEM and the
   *  errno, EXDEV for a path that leads out. */
  readonly openBeneath: (directory: string, path: string, flags: number, mode: number) => number
  /** Sets a file's time of modification, in nanoseconds since 1970. */
  readonly setModified: (fd: number, modifiedNs: bigint) => void
  /** Makes one file's contents those of another, holes included. Off the JavaScript thread. */
  readonly copyContents: (from: number, to: number) => Promise<void>
  /** Bytes that wait in a pipe. */
  readonly pipeBytes: (fd: number) => number
  /** Bytes that a pipe holds at most, after setting that unless `bytes` is null. */
  readonly pipeCapacity: (fd: number, bytes: number | null) => number
  /** Whether reading or writing at that end of a pipe would not wait, but be done or fail. */
  readonly pipeReady: (fd: number) => boolean
  /** A copy of what waits in a pipe, by its read end; nothing is taken out. */
  readonly pipeContents: (fd: number) => Uint8Array
  readonly decodeState: (state: Uint8Array) => View
  /** The same without memories, instances and frames, of which there may be a hundred thousand. */
  readonly decodeOutside: (state: Uint8Array) => View
  readonly encodeState: (view: View) => Uint8Array
  /** The same state with other descriptors. */
  readonly withDescriptors: (state: Uint8Array, descriptors: readonly Descriptor[]) => Uint8Array
  /** Throws SNAPSHOT_INVALID with the place. */
  readonly validateState: (module: NativeModule, state: Uint8Array) => void
  readonly describeIndex: (index: Uint8Array) => NativeMemoryIndex
  /** Checks every block of a stored memory; throws SNAPSHOT_CORRUPT. Off the JavaScript thread. */
  readonly verifyImage: (index: Uint8Array, images: readonly string[]) => Promise<void>
  readonly readImage: (
    index: Uint8Array,
    images: readonly string[],
    address: bigint,
    length: number,
  ) => Uint8Array
  /** Ranges of bytes in which two stored memories differ, at most `limit`; by block checksum
   *  first. */
  readonly diffImages: (
    a: { index: Uint8Array; images: readonly string[] },
    b: { index: Uint8Array; images: readonly string[] },
    limit: number,
  ) => Promise<{ address: bigint; length: bigint }[]>
  /** Writes a child image that holds `base` with some bytes replaced: edits of stored snapshots. */
  readonly patchImage: (
    base: { index: Uint8Array; images: readonly string[] },
    patches: readonly { address: bigint; bytes: Uint8Array }[],
    directory: string,
    memory: number,
  ) => Promise<NativeMemoryIndex>
  /** XXH3-128 over bytes, hex. */
  readonly xxh3: (bytes: Uint8Array) => string
  readonly createCompressor: (level: number) => NativeCodec
  readonly createDecompressor: (limitBytes: number) => NativeCodec
}

/** A zstd stream; write and finish run on libuv's pool and must not overlap. */
export interface NativeCodec {
  write(bytes: Uint8Array): Promise<Uint8Array>
  /** True while more output is ready: call write again, without bytes. A decompressor gives at
   *  most 1 MiB at a time. */
  pending(): boolean
  finish(): Promise<Uint8Array>
}

/** What native calls throw. */
export interface NativeError extends Error {
  readonly code: string
  readonly errno: number
}

let loaded: NativeBinding | undefined

/**
 * Loads wasmsh.node, once a process.
 *
 * @throws WasmshError ERR_WASMSH_NATIVE_MISSING when it was not built, ERR_WASMSH_NATIVE_LOAD when
 *   it cannot be loaded, ERR_WASMSH_NATIVE_VERSION when it is of another version
 */
export function loadNative(): NativeBinding {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  let failure = ''
  for (const file of findBuilt('wasmsh.node')) {
    try {
      loaded = checkAbi(require(file) as { readonly abi?: unknown })
      return loaded
    } catch (error) {
      if (error instanceof WasmshError) throw error
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'MODULE_NOT_FOUND') continue
      failure = `wasmsh.node cannot be loaded: ${message.split('\n')[0]}`
      break
    }
  }
  if (failure !== '') throw new WasmshError('ERR_WASMSH_NATIVE_LOAD', failure)
  throw new WasmshError('ERR_WASMSH_NATIVE_MISSING', 'The native part, wasmsh.node, is not built')
}

function checkAbi(candidate: { readonly abi?: unknown }): NativeBinding {
  if (candidate.abi === 1) return candidate as NativeBinding
  throw new WasmshError(
    'ERR_WASMSH_NATIVE_VERSION',
    `wasmsh.node has interface ${String(candidate.abi)}; this wasmsh needs 1`,
  )
}
