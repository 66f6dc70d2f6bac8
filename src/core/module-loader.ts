import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fromNative, fromSystem } from './errors.js'
import { Module } from './module.js'
import type { NativeEngine } from './native.js'

/** Loads modules, each set of bytes once as long as somebody uses it. */
export class ModuleLoader {
  readonly #engine: NativeEngine
  readonly #loaded = new Map<string, WeakRef<Module>>()

  constructor(engine: NativeEngine) {
    this.#engine = engine
  }

  /** Loads a file, or bytes that are called `label` in messages.
   *  @throws WasmshError ERR_WASMSH_MODULE_FILE and what loading finds */
  async load(file: string | Uint8Array, label = 'module.wasm'): Promise<Module> {
    if (typeof file !== 'string') return await this.fromBytes(file, label)
    let bytes: Uint8Array
    try {
      bytes = await readFile(file)
    } catch (error) {
      throw fromSystem('ERR_WASMSH_MODULE_FILE', `${file} cannot be read`, error, {
        resource: file,
      })
    }
    return await this.fromBytes(bytes, file)
  }

  /** Loads bytes whose digest may be known already. */
  async fromBytes(
    bytes: Uint8Array,
    file: string,
    sha256 = createHash('sha256').update(bytes).digest('hex'),
  ): Promise<Module> {
    const known = this.#loaded.get(sha256)?.deref()
    if (known !== undefined) return known.file === file ? known : known.named(file)
    try {
      const module = new Module(await this.#engine.load(sha256, bytes), sha256, file, bytes)
      this.#loaded.set(sha256, new WeakRef(module))
      return module
    } catch (error) {
      const wrapped = fromNative(error, { resource: file })
      wrapped.message = `${file}: ${wrapped.message}`
      throw wrapped
    }
  }
}
