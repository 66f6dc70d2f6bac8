import { readFile, stat } from 'node:fs/promises'
import { sha256 } from '../snapshot/snapshot-files.js'

const known = new Map<string, Promise<string>>()

/**
 * SHA-256 of a program's file, hex. Read once a process, and again when another file stands there or
 * it was written to: by path, device, inode, size and time of modification.
 *
 * @throws the error of the system for a file that cannot be read
 */
export async function programDigest(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true })
  const state = [path, dev, ino, size, mtimeNs].join(' ')
  const digest = known.get(state) ?? readFile(path).then(sha256)
  known.set(state, digest)
  try {
    return await digest
  } catch (error) {
    known.delete(state)
    throw error
  }
}
