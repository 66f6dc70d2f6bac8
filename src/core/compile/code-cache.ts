import { readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import type { StorePaths } from '../paths.js'
import { makeDirectory, writing } from '../store/durable-file.js'
import { temporaryPath } from '../store/temporary.js'
import { codeFolder } from './cached-code.js'
import { type CompiledFiles, readEntry } from './code-entry.js'
import { type CodeOrigin, sealCode } from './code-seal.js'
import { outputs } from './compile-job.js'

/** How much is kept; what goes first was not used for longest. */
export interface CacheLimits {
  readonly codes: number
  /** Builds of twins for one code. */
  readonly twins: number
}

/** Between two tries somebody else would have to put a damaged entry in place again. */
const mostTries = 3

export const cacheLimits: CacheLimits = { codes: 64, twins: 64 }

/**
 * Compiled code, by a key that says what it was made from, by what, and for which CPU. An entry is a
 * directory that is renamed into place when it is whole; what does not match its digests is made
 * anew, never loaded. The key of twins is that of their code, a dot, and one of their own.
 */
export class CodeCache {
  constructor(
    readonly paths: StorePaths,
    readonly limits: CacheLimits = cacheLimits,
  ) {}

  /** Reads an entry; undefined when there is none, or it is damaged. The table of traps is looked at
   *  with `everything` only. */
  async get(key: string, { everything = false } = {}): Promise<CompiledFiles | undefined> {
    try {
      const files = await readEntry(this.directory(key), key, everything)
      await this.#touch(key)
      return files
    } catch {
      return undefined
    }
  }

  /** Has an entry made in an empty directory, and keeps it. Two processes may do so at once, and others
   *  read meanwhile. */
  async make(
    key: string,
    origin: CodeOrigin,
    fill: (directory: string) => Promise<void>,
  ): Promise<CompiledFiles> {
    const temporary = temporaryPath(this.paths)
    return await writing(this.directory(key), async () => {
      makeDirectory(temporary)
      try {
        await fill(temporary)
        await sealCode(temporary, key, origin)
        const files = await readEntry(temporary, key, false)
        await this.#place(key, temporary)
        await this.#prune(key)
        return { ...files, traps: join(this.directory(key), outputs.traps) }
      } finally {
        await rm(temporary, { recursive: true, force: true })
      }
    })
  }

  /** Puts a directory where the entry belongs. Where a whole one is, made by somebody else meanwhile, it
   *  stays, since others may be about to read it; a damaged one is moved out of the way. */
  async #place(key: string, directory: string): Promise<void> {
    const entry = this.directory(key)
    makeDirectory(codeFolder(this.paths))
    for (let tries = 0; tries < mostTries; tries++) {
      if (await isRenamed(directory, entry)) return
      if ((await this.get(key, { everything: true })) !== undefined) return
      const damaged = temporaryPath(this.paths)
      await isRenamed(entry, damaged)
      await rm(damaged, { recursive: true, force: true })
    }
    throw new WasmshError('ERR_WASMSH_STORE_WRITE', `Cannot replace ${entry}`)
  }

  /** Notes that an entry is in use. */
  async #touch(key: string): Promise<void> {
    const now = new Date()
    await utimes(this.directory(key), now, now).catch(() => undefined)
  }

  /** Drops what was not used for longest, when there is much: codes, or twins of the same code; and
   *  twins whose code has gone. */
  async #prune(key: string): Promise<void> {
    const folder = codeFolder(this.paths)
    const names = await readdir(folder)
    const [code = '', isTwins] = key.split('.')
    const rivals = names.filter((name) =>
      isTwins === undefined ? !name.includes('.') : name.startsWith(`${code}.`),
    )
    const old = await this.#oldest(rivals, this.limits[isTwins === undefined ? 'codes' : 'twins'])
    const left = new Set(names.filter((name) => !old.includes(name)))
    const orphans = [...left].filter((name) => !left.has(name.split('.')[0] ?? ''))
    for (const name of [...old, ...orphans]) {
      await rm(join(folder, name), { recursive: true, force: true })
    }
  }

  /** Those of the names that are not among the latest so many. */
  async #oldest(names: readonly string[], most: number): Promise<readonly string[]> {
    if (names.length <= most) return []
    const entries = await Promise.all(
      names.map(async (name) => {
        const used = await stat(this.directory(name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        )
        return { name, used }
      }),
    )
    entries.sort((one, other) => other.used - one.used)
    return entries.slice(most).map(({ name }) => name)
  }

  /** Where an entry is, if it is there. */
  directory(key: string): string {
    return join(codeFolder(this.paths), key)
  }
}

/** False when there is nothing to rename, or something in the way. */
async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EEXIST' || code === 'ENOTEMPTY') return false
    throw error
  }
}
