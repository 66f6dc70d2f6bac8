import type { Operation } from '../oplog/operation.js'
import type { Descriptor } from '../wasm-view.js'

/** Absolute path of what a path names below a directory, before any link is followed; null when it
 *  leads out of the root. */
export function joinGuestPath(...paths: readonly string[]): string | null {
  const parts: string[] = []
  for (const part of paths.join('/').split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return `/${parts.join('/')}`
}

/** Absolute paths of the directories among descriptors, by their number. */
export function directoryPaths(descriptors: readonly Descriptor[]): ReadonlyMap<number, string> {
  const preopens = new Map(
    descriptors.filter(({ kind }) => kind === 'preopen').map((one) => [one.fd, one.guestPath]),
  )
  const paths = new Map<number, string>()
  for (const { fd, kind, guestPath, preopen } of descriptors) {
    const below = kind === 'directory' ? (preopens.get(preopen) ?? '') : ''
    const path = joinGuestPath(below, guestPath)
    if ((kind === 'preopen' || kind === 'directory') && path !== null) paths.set(fd, path)
  }
  return paths
}

/** Knows the path of each descriptor of a guest, from its operations. */
export class GuestPaths {
  readonly #paths: Map<number, string>

  constructor(paths: ReadonlyMap<number, string>) {
    this.#paths = new Map(paths)
  }

  /** The path that a successful path_open opened; null for other operations. */
  opened({ call, errno, parameters }: Operation): string | null {
    if (call !== 'path_open' || errno !== 'success') return null
    const fd = numberIn(parameters, 'fd')
    const path = parameters.find(({ name }) => name === 'path')?.value
    const base = this.#paths.get(fd)
    if (!(path instanceof Uint8Array) || base === undefined) return null
    return joinGuestPath(base, new TextDecoder().decode(path))
  }

  follow(operation: Operation): void {
    const { call, errno, parameters, results } = operation
    if (errno !== 'success') return
    const fd = numberIn(parameters, 'fd')
    if (call === 'fd_close') this.#paths.delete(fd)
    if (call === 'path_open') {
      const path = this.opened(operation)
      if (path !== null) this.#paths.set(numberIn(results, 'opened_fd'), path)
    }
    const to = numberIn(parameters, 'to')
    if (call !== 'fd_renumber' || fd === to) return
    const path = this.#paths.get(fd)
    this.#paths.delete(fd)
    if (path === undefined) this.#paths.delete(to)
    else this.#paths.set(to, path)
  }
}

function numberIn(fields: Operation['parameters'], name: string): number {
  return Number(fields.find((one) => one.name === name)?.value ?? -1n)
}
