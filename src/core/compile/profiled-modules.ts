import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorePaths } from '../paths.js'
import { makeDirectory, removeFile, replaceFile, writing } from '../store/durable-file.js'
import { temporaryPath } from '../store/temporary.js'

/** Which profile the code of a module was last compiled by, if any: that code is run. A file a module,
 *  below the store's home, which holds a digest. */
export class ProfiledModules {
  constructor(readonly paths: StorePaths) {}

  /** The digest; null without one. */
  async get(module: string): Promise<string | null> {
    const text = await readFile(this.#file(module), 'utf8').catch(() => '')
    return /^[0-9a-f]{64}$/.test(text) ? text : null
  }

  /** @throws WasmshError ERR_WASMSH_STORE_WRITE, ERR_WASMSH_STORE_FULL */
  async set(module: string, digest: string | null): Promise<void> {
    const file = this.#file(module)
    await writing(file, async () => {
      if (digest === null) {
        removeFile(file)
        return
      }
      makeDirectory(join(this.paths.home, 'profiled'))
      makeDirectory(this.paths.temporary)
      await replaceFile(file, digest, temporaryPath(this.paths, randomUUID()), { sync: false })
    })
  }

  #file(module: string): string {
    return join(this.paths.home, 'profiled', module)
  }
}
