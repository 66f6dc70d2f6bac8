import { statSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import type { StorePaths } from '../paths.js'
import { readWhole, sha256 } from '../snapshot/snapshot-files.js'
import { listDirectory, makeDirectory, replaceFile, writing } from './durable-file.js'
import { temporaryPath } from './temporary.js'

/** Largest module that is read, in bytes. */
const maxModuleBytes = 1024 * 1024 * 1024

/** The modules of a store, each once under its digest. */
export class ModuleStore {
  readonly #paths: StorePaths
  /** Digests that this process has seen to be right on the disk. */
  readonly #verified = new Set<string>()

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  path(digest: string): string {
    return join(this.#paths.modules, `${digest}.wasm`)
  }

  /** Stores a module unless it is there, whole; a damaged file is replaced. */
  async put(digest: string, bytes: Uint8Array, sync = true): Promise<void> {
    if (await this.#isIntact(digest, bytes.length)) return
    await writing(this.path(digest), async () => {
      makeDirectory(this.#paths.modules)
      makeDirectory(this.#paths.temporary)
      const temporary = temporaryPath(this.#paths)
      await replaceFile(this.path(digest), bytes, temporary, { mode: 0o400, sync })
    })
    this.#verified.add(digest)
  }

  /** Reads a module and checks it. @throws WasmshError MODULE_MISSING, MODULE_CORRUPT */
  async get(digest: string): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
      bytes = await readWhole(this.path(digest), maxModuleBytes)
    } catch (error) {
      const isMissing =
        error instanceof WasmshError && error.code === 'ERR_WASMSH_SNAPSHOT_INCOMPLETE'
      if (!isMissing) throw error
      throw new WasmshError(
        'ERR_WASMSH_MODULE_MISSING',
        `The store does not have the module with SHA-256 ${digest}`,
        { cause: error },
      )
    }
    if (sha256(bytes) !== digest) {
      throw new WasmshError(
        'ERR_WASMSH_MODULE_CORRUPT',
        `${this.path(digest)} does not match its digest`,
      )
    }
    this.#verified.add(digest)
    return bytes
  }

  /** Digests of all modules that are there. */
  async list(): Promise<readonly string[]> {
    const files = listDirectory(this.#paths.modules)
    return files.flatMap((file) => /^([0-9a-f]{64})\.wasm$/.exec(file)?.[1] ?? [])
  }

  /** Removes a module and answers how many bytes that frees. */
  async remove(digest: string): Promise<number> {
    const path = this.path(digest)
    return writing(path, async () => {
      const { size } = await stat(path)
      await rm(path)
      this.#verified.delete(digest)
      return size
    })
  }

  async #isIntact(digest: string, size: number): Promise<boolean> {
    try {
      if (statSync(this.path(digest)).size !== size) return false
      if (!this.#verified.has(digest)) await this.get(digest)
      return true
    } catch {
      return false
    }
  }
}
