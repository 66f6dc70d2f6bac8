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
export function below(base: Place, path: Uint8Array | string): Place | null {
  const text = typeof path === 'string' ? path : decode(path)
  if (text === null || text.startsWith('/')) return null
  const joined = posix.join(base.path === '' ? '.' : base.path, text).replace(/\/+$/, '')
  if (joined === '..' || joined.startsWith('../')) return null
  return { directory: base.directory, path: joined === '.' ? '' : joined }
}

function decode(path: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(path)
  } catch {
    return null
  }
}

/** As messages name it: "/data/log.txt". */
export function nameOf({ directory, path }: Place): string {
  if (path === '') return directory
  return directory.endsWith('/') ? `${directory}${path}` : `${directory}/${path}`
}

/** The place that a path of the guest names, in the deepest of its directories; null when it is
 *  in none. */
export function findPlace(directories: readonly string[], guestPath: string): Place | null {
  const wanted = posix.normalize(guestPath)
  const places = directories.flatMap((directory) => {
    if (posix.isAbsolute(directory) !== posix.isAbsolute(wanted)) return []
    const inside = posix.relative(directory, wanted)
    const isBelow = inside !== '..' && !inside.startsWith('../') && !inside.startsWith('/')
    return isBelow ? [{ directory, path: inside }] : []
  })
  places.sort((a, b) => a.path.length - b.path.length)
  return places[0] ?? null
}

/** Whether a symbolic link in that place leads out of its directory, by its text alone. */
export function leadsOut(place: Place, target: string): boolean {
  return below({ ...place, path: posix.dirname(place.path) }, target) === null
}
