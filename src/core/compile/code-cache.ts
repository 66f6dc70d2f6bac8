import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildDescription } from '../aot/build-description.js'
import type { StorePaths } from '../paths.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { writing } from '../store/durable-file.js'
import { temporaryPath } from '../store/temporary.js'
import { codeFolder } from './cached-code.js'
import { type CodeOrigin, readSeal, sealCode } from './code-seal.js'
import { outputs } from './compile-job.js'

/** Machine code of a module, with what is needed to leave and enter it. */
export interface CompiledFiles {
  readonly code: Uint8Array
  readonly points: Uint8Array
  /** Path of the table of traps: large, and only read when there is one. It has a checksum itself. */
  readonly traps: string
  readonly build: BuildDescription
}

/** How much is kept; what goes first was not used for longest. */
export interface CacheLimits {
  readonly codes: number
  /** Builds of twins for one code. */
  readonly twins: number
}

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

  /** Reads an entry; undefined when there is none, or it is damaged. */
  async get(key: string): Promise<CompiledFiles | undefined> {
    const directory = this.directory(key)
    try {
      const seal = await readSeal(directory)
      if (seal.key !== key) return undefined
      const read = async (name: string): Promise<Buffer> => {
        const bytes = await readFile(join(directory, name))
        if (sha256(bytes) !== seal.digests[name]) throw new Error(`${name} is damaged`)
        return bytes
      }
      const [code, points, build] = await Promise.all([
        read(outputs.code),
        read(outputs.points),
        read(outputs.build),
      ])
      await this.#touch(key)
      const traps = join(directory, outputs.traps)
      return { code, points, traps, build: JSON.parse(build.toString('utf8')) as BuildDescription }
    } catch {
      return undefined
    }
  }

  /** Has an entry made in an empty directory, and keeps it. Two processes may do so at once. */
  async make(
    key: string,
    origin: CodeOrigin,
    fill: (directory: string) => Promise<void>,
  ): Promise<void> {
    const temporary = temporaryPath(this.paths)
    await writing(this.directory(key), async () => {
      await mkdir(temporary, { recursive: true, mode: 0o700 })
      try {
        await fill(temporary)
        await sealCode(temporary, key, origin)
        await this.#place(key, temporary)
        await this.#prune(key)
      } finally {
        await rm(temporary, { recursive: true, force: true })
      }
    })
  }

  async #place(key: string, directory: string): Promise<void> {
    const entry = this.directory(key)
    await mkdir(codeFolder(this.paths), { recursive: true, mode: 0o700 })
    // A damaged one is in the way; somebody else's good one may be too, and is as good as ours.
    await rm(entry, { recursive: true, force: true })
    try {
      await rename(directory, entry)
    } catch (error) {
      if ((await this.get(key)) === undefined) throw error
    }
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
