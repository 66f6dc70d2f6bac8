import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch, cpus } from 'node:os'
import { join } from 'node:path'
import { findBuilt } from '../built.js'
import { fromNative, nativePromise, WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeCompiled, NativeEngine } from '../native.js'
import type { StorePaths } from '../paths.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { ModuleStore } from '../store/module-store.js'
import { CodeCache, type CompiledFiles } from './code-cache.js'
import { type CompileWatch, compileInProcess } from './compile-process.js'

/** Raised when the pass writes other code for the same module. */
const passVersion = 1

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

/** Machine code that is there without compiling, or why there is none to run. */
export type FoundCode =
  | { readonly compiled: NativeCompiled }
  | { readonly compiled: null; readonly reason: NoCodeReason; readonly message: string }

export type NoCodeReason = 'no-compiler' | 'not-compiled' | 'refused'

/** Compiles modules for this machine, each once. */
export class Compiler {
  readonly #engine: NativeEngine
  readonly #paths: StorePaths
  readonly #programs: readonly string[]
  readonly #cache: CodeCache
  readonly #loaded = new Map<string, Promise<NativeCompiled>>()

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
   *   ERR_WASMSH_COMPILED_CODE and those of writing
   */
  async load(module: Module, watch: CompileWatch = {}): Promise<NativeCompiled> {
    return await this.#loadOnce(module, async () => (await this.#files(module, watch)).files)
  }

  /** Finds what `compile` has made. Compiles nothing, and never fails: the interpreter is there. */
  async find(module: Module): Promise<FoundCode> {
    try {
      const program = findProgram(this.#programs)
      requireCompilable(module)
      const files = await this.#cache.get(await keyOf(module, program))
      if (files !== undefined) {
        return { compiled: await this.#loadOnce(module, async () => files) }
      }
    } catch (error) {
      const { code, message } = fromNative(error)
      const isMissing = code === 'ERR_WASMSH_COMPILER_MISSING'
      return { compiled: null, reason: isMissing ? 'no-compiler' : 'refused', message }
    }
    const message = `${module.file} has not been compiled`
    return { compiled: null, reason: 'not-compiled', message }
  }

  /**
   * Fills the cache with the code of a module, unless it is there, and sees that the engine takes it:
   * what has been compiled can be run.
   *
   * @throws WasmshError as load; the watch's reason to stop
   */
  async compile(module: Module, watch: CompileWatch = {}): Promise<CompileReport> {
    const begin = performance.now()
    const { files, isCached } = await this.#files(module, watch)
    await this.#loadOnce(module, async () => files)
    return {
      file: module.file,
      module: module.sha256,
      isCached,
      elapsedMs: performance.now() - begin,
      moduleBytes: module.bytes.length,
      codeBytes: files.code.length,
    }
  }

  async #loadOnce(module: Module, read: () => Promise<CompiledFiles>): Promise<NativeCompiled> {
    const known = this.#loaded.get(module.sha256)
    if (known !== undefined) return await known
    const loading = read().then(({ code, points, build }) =>
      nativePromise(() => this.#engine.loadCompiled(code, points, build)),
    )
    this.#loaded.set(module.sha256, loading)
    // What has failed may be tried again.
    loading.catch(() => this.#loaded.delete(module.sha256))
    return await loading
  }

  /** What the cache has of a module, made now when it has nothing. */
  async #files(
    module: Module,
    watch: CompileWatch,
  ): Promise<{ readonly files: CompiledFiles; readonly isCached: boolean }> {
    const program = findProgram(this.#programs)
    requireCompilable(module)
    const key = await keyOf(module, program)
    const cached = await this.#cache.get(key)
    if (cached !== undefined) return { files: cached, isCached: true }
    const modules = new ModuleStore(this.#paths)
    await modules.put(module.sha256, module.bytes)
    try {
      await this.#cache.make(key, (directory) =>
        compileInProcess({ program, module: modules.path(module.sha256), directory }, watch),
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

/** @throws WasmshError ERR_WASMSH_COMPILER_MISSING */
function findProgram(programs: readonly string[]): string {
  const program = programs.find((path) => existsSync(path))
  if (program !== undefined) return program
  throw new WasmshError(
    'ERR_WASMSH_COMPILER_MISSING',
    'Compiled code needs the compiler of wasmsh, which is built where LLVM 19 is installed',
  )
}

/** Refuses at once what would be refused after minutes, when it is started. */
function requireCompilable({ description, file }: Module): void {
  if (!description.memories.some(({ shared }) => shared)) return
  throw new WasmshError(
    'ERR_WASMSH_UNSUPPORTED_FEATURE',
    `Compiled code has no shared memories: ${file} has one`,
  )
}

/** Everything that the code depends on. */
async function keyOf(module: Module, program: string): Promise<string> {
  const compiler = sha256(await readFile(program))
  const parts = [module.sha256, passVersion, compiler, arch(), cpuOf()]
  return sha256(parts.join('\n'))
}

/** The CPU's model and what it can do: code is made for just this one. */
function cpuOf(): string {
  const model = cpus()[0]?.model ?? ''
  try {
    const line = /^(flags|Features)\s*:.*$/m.exec(readFileSync(join('/proc', 'cpuinfo'), 'utf8'))
    return `${model} ${line?.[0] ?? ''}`
  } catch {
    return model
  }
}
