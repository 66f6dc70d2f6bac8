import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StablePoints } from '../aot/stable-points.js'
import type { FramePoint } from '../aot/twin-list.js'
import { findBuilt } from '../built.js'
import { fromNative, nativePromise } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeCompiled, NativeEngine, NativeTwins } from '../native.js'
import type { StorePaths } from '../paths.js'
import type { LoopPoint } from '../profile/hot-loops.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { CodeCache } from './code-cache.js'
import type { CompiledFiles } from './code-entry.js'
import { codeKeys, findProgram, portableKey, requireCompilable, twinsKey } from './code-key.js'
import type { CodeTwins, CompileJob, WantedTwins } from './compile-job.js'
import { type CompileWatch, compileInProcess } from './compile-process.js'
import { KeptPromises } from './kept-promises.js'
import { ProfiledModules } from './profiled-modules.js'
import { type CompileTarget, ownTarget } from './target.js'

/** What compiling a module came to. */
export interface CompileReport {
  readonly file: string
  /** SHA-256 of the module, hex. */
  readonly module: string
  /** What it runs on: any machine of that CPU, or, if null, this one. */
  readonly target: CompileTarget | null
  /** Directory of the cache that has it, alone and whole. */
  readonly directory: string
  /** The code was there before. */
  readonly isCached: boolean
  readonly elapsedMs: number
  readonly moduleBytes: number
  /** Size of the file of machine code. */
  readonly codeBytes: number
  /** Loops that the profile calls hot; null without one. */
  readonly hotLoops: number | null
}

/** Of which kind machine code is to be. */
export interface WantedCode {
  readonly twins?: CodeTwins | undefined
  /** Any machine of that CPU in place of this one. */
  readonly target?: CompileTarget | undefined
  /** Hot loops, to thin polls in; undefined without a profile. Of code for this machine. */
  readonly hotLoops?: readonly LoopPoint[] | undefined
}

/** An entry of the cache, and what its code runs on. */
interface Place {
  readonly key: string
  readonly target: CompileTarget | null
}

/** Machine code of a module that can be run. */
export interface LoadedCode extends Place {
  readonly native: NativeCompiled
  readonly points: StablePoints
}

/** Machine code that is there without compiling, or why there is none to run. */
export type FoundCode =
  | { readonly code: LoadedCode }
  | {
      readonly code: null
      readonly reason: Exclude<NoCodeReason, 'failed'>
      readonly message: string
      /** Why it is refused. */
      readonly error: unknown
    }

/** "failed": the compiler did not make it. */
export type NoCodeReason = 'no-compiler' | 'not-compiled' | 'refused' | 'failed'

/** What code depends on of a profile. A profile without hot loops is one, too. */
function digestOf(hotLoops: readonly LoopPoint[] | undefined): string | null {
  return hotLoops === undefined ? null : sha256(JSON.stringify(hotLoops))
}

type FilesOptions = Pick<Partial<CompileJob>, 'isQuick' | 'hotLoops'> & {
  /** What is there has to be whole, the table of traps included. */
  readonly everything?: boolean
}

/** Codes and twins that stay loaded although no guest uses them. */
const mostLoaded = 32

/** Compiles modules, each once, and has the engine load what this machine can run. */
export class Compiler {
  readonly #engine: NativeEngine
  readonly #programs: readonly string[]
  readonly #cache: CodeCache
  readonly #profiled: ProfiledModules
  readonly #codes = new KeptPromises<LoadedCode>(mostLoaded)
  readonly #twins = new KeptPromises<NativeTwins>(mostLoaded)

  /** @param programs where wasmsh-compiler may be */
  constructor(
    engine: NativeEngine,
    paths: StorePaths,
    programs: readonly string[] = findBuilt('wasmsh-compiler'),
  ) {
    this.#engine = engine
    this.#programs = programs
    this.#cache = new CodeCache(paths)
    this.#profiled = new ProfiledModules(paths)
  }

  /**
   * Machine code of a module, ready to run: from this process, from the cache, or made now, which may
   * take minutes.
   *
   * @throws WasmshError ERR_WASMSH_COMPILER_MISSING, ERR_WASMSH_COMPILE_FAILED,
   *   ERR_WASMSH_COMPILED_CODE and those of writing; the watch's reason to stop
   */
  async load(
    module: Module,
    watch: CompileWatch = {},
    twins: CodeTwins = 'open',
  ): Promise<LoadedCode> {
    const place = await this.#ownPlace(module, twins)
    return await this.#loadCode(
      place,
      async () => (await this.#files(module, place, twins, watch)).files,
      watch.signal,
    )
  }

  /** Finds what `compile` has made, for this machine or for any of its CPU. Compiles nothing, and
   *  never fails: the interpreter is there. */
  async find(module: Module, twins?: CodeTwins): Promise<FoundCode> {
    // Code with all twins is there only when somebody has asked for it.
    const wanted = twins === undefined ? (['all', 'open'] as const) : [twins]
    try {
      for (const place of await this.#places(module, wanted)) {
        const loaded = this.#codes.peek(place.key)
        if (loaded !== undefined) return { code: loaded }
        const files = await this.#cache.get(place.key)
        if (files !== undefined) return { code: await this.#loadCode(place, async () => files) }
      }
      findProgram(this.#programs)
      requireCompilable(module)
    } catch (error) {
      const { code, message } = fromNative(error)
      const isMissing = code === 'ERR_WASMSH_COMPILER_MISSING'
      return { code: null, reason: isMissing ? 'no-compiler' : 'refused', message, error }
    }
    const message = `${module.file} has not been compiled`
    return { code: null, reason: 'not-compiled', message, error: null }
  }

  /**
   * Fills the cache with the code of a module, unless it is there, and sees that the engine takes it:
   * what has been compiled can be run. Code for another CPU is made, and not tried. What is made by a
   * profile is what guests run in from then on, until the module is compiled without one.
   *
   * @throws WasmshError as load; the watch's reason to stop
   */
  async compile(
    module: Module,
    watch: CompileWatch = {},
    { twins = 'open', target, hotLoops }: WantedCode = {},
  ): Promise<CompileReport> {
    const begin = performance.now()
    const place =
      target === undefined
        ? await this.#ownPlace(module, twins, digestOf(hotLoops))
        : { key: this.#portableKey(module, target, twins), target }
    const { files, isCached } = await this.#files(module, place, twins, watch, {
      hotLoops: hotLoops ?? [],
      everything: true,
    })
    if (target === undefined) await this.#profiled.set(module.sha256, digestOf(hotLoops))
    if (target === undefined || target === ownTarget()) {
      await this.#loadCode(place, async () => files)
    }
    return {
      file: module.file,
      module: module.sha256,
      target: place.target,
      directory: this.#cache.directory(place.key),
      isCached,
      elapsedMs: performance.now() - begin,
      moduleBytes: module.bytes.length,
      codeBytes: files.code.length,
      hotLoops: hotLoops?.length ?? null,
    }
  }

  /**
   * Twins for machine code of a module: from this process, from the cache, or made now. Quick ones are
   * made in about a tenth of the time, and several times slower.
   *
   * @throws WasmshError as load; the watch's reason to stop
   */
  async twins(
    module: Module,
    code: LoadedCode,
    wanted: readonly FramePoint[],
    watch: CompileWatch = {},
    isQuick = false,
  ): Promise<NativeTwins> {
    const place = { key: twinsKey(code.key, wanted, isQuick), target: code.target }
    const make = async (): Promise<NativeTwins> => {
      const { files } = await this.#files(module, place, wanted, watch, { isQuick })
      return await this.#loadTwins(code, files)
    }
    return await this.#twins.share(place.key, make, watch.signal)
  }

  /** The best twins, if they need not be made. */
  async findTwins(
    code: LoadedCode,
    wanted: readonly FramePoint[],
  ): Promise<NativeTwins | undefined> {
    const key = twinsKey(code.key, wanted, false)
    const loaded = this.#twins.peek(key)
    if (loaded !== undefined) return loaded
    const files = await this.#cache.get(key)
    if (files === undefined) return undefined
    return await this.#twins.share(key, () => this.#loadTwins(code, files))
  }

  #loadTwins({ native }: LoadedCode, { code, build }: CompiledFiles): Promise<NativeTwins> {
    return nativePromise(() => this.#engine.loadTwins(native, code, build))
  }

  async #ownPlace(module: Module, twins: CodeTwins, profile: string | null = null): Promise<Place> {
    const keyWith = await codeKeys(module, findProgram(this.#programs))
    return { key: keyWith(twins, profile), target: null }
  }

  /** Where code for this machine may be; that for just this machine comes first, and of that what was
   *  made by a profile. */
  async #places(module: Module, wanted: readonly CodeTwins[]): Promise<readonly Place[]> {
    const program = this.#programs.find((path) => existsSync(path))
    const target = ownTarget()
    const ownKey = program === undefined ? undefined : await codeKeys(module, program)
    const profile = await this.#profiled.get(module.sha256)
    const profiles = profile === null ? [null] : [profile, null]
    return [
      ...(ownKey === undefined
        ? []
        : profiles.flatMap((one) =>
            wanted.map((twins) => ({ key: ownKey(twins, one), target: null })),
          )),
      ...(target === undefined
        ? []
        : wanted.map((twins) => ({ key: this.#portableKey(module, target, twins), target }))),
    ]
  }

  #portableKey(module: Module, target: CompileTarget, twins: CodeTwins): string {
    return portableKey(module, this.#engine.codeRevision, target, twins)
  }

  #loadCode(
    place: Place,
    read: () => Promise<CompiledFiles>,
    signal?: AbortSignal,
  ): Promise<LoadedCode> {
    const load = async (): Promise<LoadedCode> => {
      const { code, points, traps, build } = await read()
      return {
        ...place,
        native: await nativePromise(() => this.#engine.loadCompiled(code, points, traps, build)),
        points: new StablePoints(points),
      }
    }
    return this.#codes.share(place.key, load, signal)
  }

  /** What the cache has under a key, made now when it has nothing. */
  async #files(
    module: Module,
    { key, target }: Place,
    twins: WantedTwins,
    watch: CompileWatch,
    { isQuick = false, hotLoops = [], everything = false }: FilesOptions = {},
  ): Promise<{ readonly files: CompiledFiles; readonly isCached: boolean }> {
    const cached = await this.#cache.get(key, { everything })
    if (cached !== undefined) return { files: cached, isCached: true }
    const program = findProgram(this.#programs)
    requireCompilable(module)
    try {
      const origin = { module: module.sha256, file: module.file, target }
      const files = await this.#cache.make(key, origin, async (directory) => {
        const path = join(directory, 'module.wasm')
        await writeFile(path, module.bytes)
        await compileInProcess(
          { program, module: path, directory, twins, target, isQuick, hotLoops },
          watch,
        )
        await rm(path)
      })
      return { files, isCached: false }
    } catch (error) {
      watch.signal?.throwIfAborted()
      throw error
    } finally {
      watch.onPhase?.('ready')
    }
  }
}
