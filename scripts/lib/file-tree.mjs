import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * Lists the files below a folder, or the file itself; nothing if there is neither.
 *
 * @param {string} path
 * @returns {string[]} paths that start with `path`, in no particular order
 */
export function filesBelow(path) {
  const entry = statSync(path, { throwIfNoEntry: false })
  if (entry === undefined) return []
  if (!entry.isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true }).flatMap((child) => {
    const childPath = join(path, child.name)
    return child.isDirectory() ? filesBelow(childPath) : [childPath]
  })
}

/**
 * SHA-256 over the names and contents of all files below a folder: for each file, sorted by the
 * bytes of its path, the path relative to the folder, a zero byte, the size in decimal, a zero
 * byte, and the contents.
 *
 * @param {string} folder
 * @returns {string} hexadecimal
 */
export function contentDigest(folder) {
  const hash = createHash('sha256')
  const names = filesBelow(folder).map((path) => relative(folder, path))
  for (const name of names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    const contents = readFileSync(join(folder, name))
    hash.update(`${name}\0${contents.length}\0`).update(contents)
  }
  return hash.digest('hex')
}

/**
 * A text that changes when a file below one of the paths is added, removed, written or replaced.
 * Reads no contents: a few hundred files take a few milliseconds.
 *
 * @param {readonly string[]} paths
 */
export function treeFingerprint(paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(filesBelow).sort()) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${path}\0${mtimeMs}\0${size}\n`)
  }
  return hash.digest('hex')
}
