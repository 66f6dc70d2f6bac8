import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildDescription } from '../aot/build-description.js'
import { sha256 } from '../snapshot/snapshot-files.js'
import { readSeal } from './code-seal.js'
import { outputs } from './compile-job.js'

/** Machine code of a module, with what is needed to leave and enter it. */
export interface CompiledFiles {
  readonly code: Uint8Array
  readonly points: Uint8Array
  /** Path of the table of traps: large, and only read when there is one. It has a checksum itself. */
  readonly traps: string
  readonly build: BuildDescription
}

/** Reads an entry of the cache; the table of traps is looked at with `everything` only.
 *  @throws when it is not whole, or of another key */
export async function readEntry(
  directory: string,
  key: string,
  everything: boolean,
): Promise<CompiledFiles> {
  const seal = await readSeal(directory)
  if (seal.key !== key) throw new Error('another entry')
  const read = async (name: string): Promise<Buffer> => {
    const bytes = await readFile(join(directory, name))
    if (sha256(bytes) !== seal.digests[name]) throw new Error(`${name} is damaged`)
    return bytes
  }
  const [code, points, build] = await Promise.all([
    read(outputs.code),
    read(outputs.points),
    read(outputs.build),
    ...(everything ? [read(outputs.traps)] : []),
  ])
  const traps = join(directory, outputs.traps)
  return { code, points, traps, build: JSON.parse(build.toString('utf8')) as BuildDescription }
}
