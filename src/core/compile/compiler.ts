import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch, cpus } from 'node:os'
import { join } from 'node:path'
import { findBuilt } from '../built.js'
import { nativePromise, WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeCompiled, NativeEngine } from '../native.js'
import type { StorePaths } from '../paths.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { ModuleStore } from '../store/module-store.js'
import { CodeCache, type CompiledFiles } from './code-cache.js'
import { type CompileWatch, compileInProcess } from './compile-process.js'

/** Raised when the pass writes other code for the same module. */
const passVersion = 1

/** Compiles modules for this machine, each once. */
export class Compiler {
  readonly #engine: NativeEngine
  readonly #paths: StorePaths
  readonly #cache: CodeCache
  readonly #loaded = new Map<string, Promise<NativeCompiled>>()

  constructor(engine: NativeEngine, paths: StorePaths) {
    this.#engine = engine
    this.#paths = paths
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
    const known = this.#loaded.get(module.sha256)
    if (known !== undefined) return await known
    const loading = this.#load(module, watch)
    this.#loaded.set(module.sha256, loading)
    // What has failed may be tried again.
    loading.catch(() => this.#loaded.delete(module.sha256))
    return await loading
  }

  async #load(module: Module, watch: CompileWatch): Promise<NativeCompiled> {
    const { code, points, build } = await this.compile(module, watch)
    return await nativePromise(() => this.#engine.loadCompiled(code, points, build))
  }

  /** Fills the cache with the code of a module, and reads it. */
  async compile(module: Module, watch: CompileWatch = {}): Promise<CompiledFiles> {
    const program = findProgram()
    const key = await keyOf(module, program)
    const cached = await this.#cache.get(key)
    if (cached !== undefined) return cached
    const modules = new ModuleStore(this.#paths)
    await modules.put(module.sha256, module.bytes)
    try {
      await this.#cache.make(key, (directory) =>
        compileInProcess({ program, module: modules.path(module.sha256), directory }, watch),
      )
    } finally {
      watch.onPhase?.('ready')
    }
    const made = await this.#cache.get(key)
    if (made !== undefined) return made
    throw new WasmshError(
      'ERR_WASMSH_COMPILE_FAILED',
      `The compiled code of ${module.file} cannot be read back`,
    )
  }
}

/** @throws WasmshError ERR_WASMSH_COMPILER_MISSING */
function findProgram(): string {
  const program = findBuilt('wasmsh-compiler').find((path) => existsSync(path))
  if (program !== undefined) return program
  throw new WasmshError(
    'ERR_WASMSH_COMPILER_MISSING',
    'Compiled code needs the compiler of wasmsh, which is built where LLVM 19 is installed',
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
