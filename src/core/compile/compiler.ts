import { StablePoints } from '../aot/stable-points.js'
import type { FramePoint } from '../aot/twin-list.js'
import { findBuilt } from '../built.js'
import { fromNative, nativePromise, WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeCompiled, NativeEngine, NativeTwins } from '../native.js'
import type { StorePaths } from '../paths.js'
import { ModuleStore } from '../store/module-store.js'
import { CodeCache, type CompiledFiles } from './code-cache.js'
import { codeKeys, findProgram, requireCompilable, twinsKey } from './code-key.js'
import type { CodeTwins, WantedTwins } from './compile-job.js'
import { type CompileWatch, compileInProcess } from './compile-process.js'
import { KeptPromises } from './kept-promises.js'

/** What compiling a module came to. */
export interface CompileReport {
  readonly file: string
  /** SHA-256 of the module, hex. */
  readonly module: string
  /** The code was there before. */
  readonly isCached: boolean
  readonly elapsedMs: number
  readonly moduleBytes: number
  /** Size of the file of machine code. */
  readonly codeBytes: number
}

/** Machine code of a module that can be run. */
export interface LoadedCode {
  readonly key: string
  readonly native: NativeCompiled
  readonly points: StablePoints
}

/** Machine code that is there without compiling, or why there is none to run. */
export type FoundCode =
  | { readonly code: LoadedCode }
  | {
      readonly code: null
      readonly reason: NoCodeReason
      readonly message: string
      /** Why it is refused. */
      readonly error: unknown
    }

export type NoCodeReason = 'no-compiler' | 'not-compiled' | 'refused'

/** Codes and twins that stay loaded although no guest uses them. */
const mostLoaded = 32

/** Compiles modules for this machine, each once. */
export class Compiler {
  readonly #engine: NativeEngine
  readonly #paths: StorePaths
  readonly #programs: readonly string[]
  readonly #cache: CodeCache
  readonly #codes = new KeptPromises<LoadedCode>(mostLoaded)
  readonly #twins = new KeptPromises<NativeTwins>(mostLoaded)

  /** @param programs where wasmsh-compiler may be */
  constructor(
    engine: NativeEngine,
    paths: StorePaths,
    programs: readonly string[] = findBuilt('wasmsh-compiler'),
  ) {
    this.#engine = engine
    this.#paths = paths
    this.#programs = programs
    this.#cache = new CodeCache(paths)
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
    const key = (await this.#keysOf(module))(twins)
    return await this.#loadCode(
      key,
      async () => (await this.#files(module, key, twins, watch)).files,
    )
  }

  /** Finds what `compile` has made. Compiles nothing, and never fails: the interpreter is there. */
  async find(module: Module, twins?: CodeTwins): Promise<FoundCode> {
    try {
      const keyWith = await this.#keysOf(module)
      for (const one of twins === undefined ? (['open', 'all'] as const) : [twins]) {
        const key = keyWith(one)
        const files = await this.#cache.get(key)
        if (files !== undefined) return { code: await this.#loadCode(key, async () => files) }
      }
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
   * what has been compiled can be run.
   *
   * @throws WasmshError as load; the watch's reason to stop
   */
  async compile(
    module: Module,
    watch: CompileWatch = {},
    twins: CodeTwins = 'open',
  ): Promise<CompileReport> {
    const begin = performance.now()
    const key = (await this.#keysOf(module))(twins)
    const { files, isCached } = await this.#files(module, key, twins, watch)
    await this.#loadCode(key, async () => files)
    return {
      file: module.file,
      module: module.sha256,
      isCached,
      elapsedMs: performance.now() - begin,
      moduleBytes: module.bytes.length,
      codeBytes: files.code.length,
    }
  }

  /**
   * Twins for machine code of a module: from this process, from the cache, or made now.
   *
   * @throws WasmshError as load; the watch's reason to stop
   */
  async twins(
    module: Module,
    code: LoadedCode,
    wanted: readonly FramePoint[],
    watch: CompileWatch = {},
  ): Promise<NativeTwins> {
    const key = twinsKey(code.key, wanted)
    return await this.#twins.get(key, async () => {
      const { files } = await this.#files(module, key, wanted, watch)
      return await nativePromise(() => this.#engine.loadTwins(code.native, files.code, files.build))
    })
  }

  async #keysOf(module: Module): Promise<(twins: CodeTwins) => string> {
    const program = findProgram(this.#programs)
    requireCompilable(module)
    return await codeKeys(module, program)
  }

  #loadCode(key: string, read: () => Promise<CompiledFiles>): Promise<LoadedCode> {
    return this.#codes.get(key, async () => {
      const { code, points, traps, build } = await read()
      return {
        key,
        native: await nativePromise(() => this.#engine.loadCompiled(code, points, traps, build)),
        points: new StablePoints(points),
      }
    })
  }

  /** What the cache has under a key, made now when it has nothing. */
  async #files(
    module: Module,
    key: string,
    twins: WantedTwins,
    watch: CompileWatch,
  ): Promise<{ readonly files: CompiledFiles; readonly isCached: boolean }> {
    const cached = await this.#cache.get(key)
    if (cached !== undefined) return { files: cached, isCached: true }
    const program = findProgram(this.#programs)
    const modules = new ModuleStore(this.#paths)
    await modules.put(module.sha256, module.bytes)
    const path = modules.path(module.sha256)
    try {
      await this.#cache.make(key, (directory) =>
        compileInProcess({ program, module: path, directory, twins }, watch),
      )
    } catch (error) {
      watch.signal?.throwIfAborted()
      throw error
    } finally {
      watch.onPhase?.('ready')
    }
    const made = await this.#cache.get(key)
    if (made !== undefined) return { files: made, isCached: false }
    throw new WasmshError(
      'ERR_WASMSH_COMPILE_FAILED',
      `The compiled code of ${module.file} cannot be read back`,
    )
  }
}
