import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorePaths } from '../paths.js'
import { writing } from '../store/durable-file.js'
import { type CodeOrigin, readSeal } from './code-seal.js'

/** Machine code that the cache holds for one module, with its twins. */
export interface CachedCode {
  /** Null for what no wasmsh of this version can use: it goes when there is much. */
  readonly origin: CodeOrigin | null
  /** Directory of the code itself. */
  readonly directory: string
  /** Builds of twins for it. */
  readonly twins: number
  /** On the disk, all together. */
  readonly bytes: number
  /** When it was used last, by ISO 8601. */
  readonly used: string
}

/** Folder of the cache: a directory an entry, named by its key (see CodeCache). */
export function codeFolder({ home }: StorePaths): string {
  return join(home, 'compiled')
}

/** What the cache holds, what was used last first. Others may change it meanwhile. */
export async function listCachedCode(paths: StorePaths): Promise<readonly CachedCode[]> {
  const folder = codeFolder(paths)
  const byCode = new Map<string, string[]>()
  for (const name of await entriesOf(folder)) {
    const [code = ''] = name.split('.')
    byCode.set(code, [...(byCode.get(code) ?? []), name])
  }
  const list = await Promise.all(
    [...byCode].map(async ([code, names]): Promise<CachedCode> => {
      const directory = join(folder, code)
      const sizes = await Promise.all(names.map((name) => sizeOf(join(folder, name))))
      const times = await Promise.all(names.map((name) => timeOf(join(folder, name))))
      const seal = await readSeal(directory).catch(() => null)
      return {
        origin: seal && { module: seal.module, file: seal.file, target: seal.target },
        directory,
        twins: names.filter((name) => name !== code).length,
        bytes: sizes.reduce((sum, size) => sum + size, 0),
        used: new Date(Math.max(...times)).toISOString(),
      }
    }),
  )
  return list.sort((one, other) => other.used.localeCompare(one.used))
}

/** Empties the cache; answers what it held. Guests keep the code that they run in.
 *  @throws WasmshError ERR_WASMSH_STORE_WRITE */
export async function clearCachedCode(paths: StorePaths): Promise<readonly CachedCode[]> {
  const folder = codeFolder(paths)
  const held = await listCachedCode(paths)
  await writing(folder, async () => {
    for (const name of await entriesOf(folder)) {
      await rm(join(folder, name), { recursive: true, force: true })
    }
  })
  return held
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}

async function sizeOf(directory: string): Promise<number> {
  const sizes = await Promise.all(
    (await entriesOf(directory)).map(async (name) => {
      return (await stat(join(directory, name)).catch(() => null))?.size ?? 0
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function timeOf(directory: string): Promise<number> {
  return (await stat(directory).catch(() => null))?.mtimeMs ?? 0
}
