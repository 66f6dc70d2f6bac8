import { createHash } from 'node:crypto'
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Contents up to this length are shown, others by their digest. */
const shownBytes = 256

/**
 * Everything below a directory, a line each: kinds, permissions, contents, targets of links, and
 * which names are one file. Times are left out.
 */
export function treeOf(directory: string): string {
  const lines: string[] = []
  /** First name of a file, by its inode. */
  const known = new Map<string, string>()
  const visit = (path: string): void => {
    const entries = readdirSync(join(directory, path)).sort()
    for (const name of entries) {
      const inside = join(path, name)
      const host = join(directory, inside)
      const status = lstatSync(host, { bigint: true })
      const key = `${status.dev} ${status.ino}`
      const first = known.get(key)
      known.set(key, first ?? inside)
      if (status.isDirectory()) {
        lines.push(`${inside}/ ${modeOf(status)}`)
        visit(inside)
      } else if (first !== undefined) {
        lines.push(`${inside} is ${first}`)
      } else if (status.isSymbolicLink()) {
        lines.push(`${inside} -> ${readlinkSync(host)}`)
      } else if (status.isFile()) {
        lines.push(`${inside} ${modeOf(status)} ${contentsOf(host)}`)
      } else {
        lines.push(`${inside} is something else`)
      }
    }
  }
  visit('')
  return lines.join('\n')
}

function modeOf({ mode }: BigIntStats): string {
  return (mode & 0o7777n).toString(8).padStart(4, '0')
}

function contentsOf(path: string): string {
  const bytes = readFileSync(path)
  if (bytes.length <= shownBytes) return JSON.stringify(bytes.toString('latin1'))
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`
}
