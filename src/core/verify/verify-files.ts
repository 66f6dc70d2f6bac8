import { execFile } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { fromSystem } from '../errors.js'
import type { DirectoryMapping } from '../guest/run-options.js'

/** Copies directories below a new folder. By cp(1), which keeps times to the nanosecond: recovery
 *  tells by them whether a file was changed. */
export async function copyDirectories(
  dirs: readonly DirectoryMapping[],
  to: string,
): Promise<readonly DirectoryMapping[]> {
  await mkdir(to, { recursive: true })
  return await Promise.all(
    dirs.map(async ({ host, guest }, index) => {
      const copy = join(to, String(index))
      try {
        await promisify(execFile)('cp', ['-a', '--reflink=auto', '--', join(host, '.'), copy])
      } catch (error) {
        throw fromSystem('ERR_WASMSH_VERIFY_COPY', `${host} cannot be copied`, error)
      }
      return { host: copy, guest }
    }),
  )
}

/** Digest over names, kinds and contents below directories; times and owners are left out. */
export async function digestDirectories(dirs: readonly DirectoryMapping[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { host, guest } of dirs) {
    hash.update(`directory ${guest}\0`)
    await digestTree(hash, host, '')
  }
  return hash.digest('hex')
}

async function digestTree(hash: Hash, root: string, below: string): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(below, entry.name)
    const full = join(root, path)
    if (entry.isDirectory()) {
      hash.update(`d ${path}\0`)
      await digestTree(hash, root, path)
    } else if (entry.isSymbolicLink()) {
      hash.update(`l ${path}\0${await readlink(full)}\0`)
    } else if (entry.isFile()) {
      const content = createHash('sha256')
      await pipeline(createReadStream(full), content)
      hash.update(`f ${path}\0${content.digest('hex')}\0`)
    } else {
      hash.update(`o ${path}\0`)
    }
  }
}
