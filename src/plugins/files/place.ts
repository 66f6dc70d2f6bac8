import { posix } from 'node:path'

/** Where a file is for the guest, whatever host directory that is. */
export interface Place {
  /** Guest path of the preopened directory: "/data". */
  readonly directory: string
  /** Below it, without "." and ".."; "" for the directory itself. */
  readonly path: string
}

/** One text for one place. */
export function keyOf({ directory, path }: Place): string {
  return `${directory}\0${path}`
}

export function placeOf(key: string): Place {
  const end = key.indexOf('\0')
  return { directory: key.slice(0, end), path: key.slice(end + 1) }
}

/** A path relative to a place; null when it leads out, or is not UTF-8. */
export function below(base: Place, path: Uint8Array): Place | null {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(path)
  } catch {
    return null
  }
  if (text.startsWith('/')) return null
  const joined = posix.join(base.path === '' ? '.' : base.path, text).replace(/\/+$/, '')
  if (joined === '..' || joined.startsWith('../')) return null
  return { directory: base.directory, path: joined === '.' ? '' : joined }
}

/** As messages name it: "/data/log.txt". */
export function nameOf({ directory, path }: Place): string {
  if (path === '') return directory
  return directory.endsWith('/') ? `${directory}${path}` : `${directory}/${path}`
}
