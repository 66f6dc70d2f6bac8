import type { Op } from '../../core/plugin.js'
import { below, keyOf, type Place, placeOf } from './place.js'
import type { Changes, OpenOptions } from './state.js'

/** Of path_open (WASI preview 1). */
const oflags = { creat: 1, directory: 2, trunc: 8 }
/** Rights that let a guest change a file: fd_write, fd_allocate, fd_filestat_set_size. */
const writing = (1n << 6n) | (1n << 8n) | (1n << 22n)

/** What an open was. */
export interface RecordedOpen {
  readonly place: Place
  readonly options: OpenOptions | null
}

/**
 * Folds the guest's operations into what they left: what each descriptor was opened as, and which
 * names the guest made, changed or removed.
 */
export class FilesFold {
  readonly #open = new Map<number, RecordedOpen>()
  readonly #written = new Set<string>()
  readonly #moved = new Set<string>()
  readonly #removed = new Set<string>()
  readonly #handlers: Readonly<Record<string, (op: Op) => void>> = {
    path_open: (op) => this.#recordOpen(op),
    fd_close: (op) => this.#open.delete(number(op, 'fd')),
    fd_renumber: (op) => this.#renumber(number(op, 'fd'), number(op, 'to')),
    path_create_directory: (op) => this.#touch(this.#place(op, 'fd', 'path')),
    path_symlink: (op) => this.#touch(this.#place(op, 'fd', 'new_path')),
    path_link: (op) => this.#touch(this.#place(op, 'new_fd', 'new_path')),
    path_unlink_file: (op) => this.#remove(this.#place(op, 'fd', 'path')),
    path_remove_directory: (op) => this.#remove(this.#place(op, 'fd', 'path')),
    path_rename: (op) =>
      this.#rename(this.#place(op, 'fd', 'old_path'), this.#place(op, 'new_fd', 'new_path')),
  }

  /** Puts in what was open, and what had been changed, before the first operation. */
  begin(open: ReadonlyMap<number, RecordedOpen>, changes: Partial<Changes>): void {
    for (const [fd, one] of open) this.#open.set(fd, one)
    for (const one of changes.written ?? []) this.#written.add(keyOf(one))
    for (const one of changes.moved ?? []) this.#moved.add(keyOf(one))
    for (const one of changes.removed ?? []) this.#removed.add(keyOf(one))
  }

  /** How a descriptor was opened; undefined for one that is not known. */
  opened(fd: number): RecordedOpen | undefined {
    return this.#open.get(fd)
  }

  /** Somebody put a file behind a descriptor, or null for nothing. */
  put(fd: number, open: RecordedOpen | null): void {
    if (open === null) this.#open.delete(fd)
    else this.#open.set(fd, open)
  }

  /** Somebody let the guest write to a file. */
  touch(place: Place): void {
    this.#touch(place)
  }

  changes(): Changes {
    const list = (keys: ReadonlySet<string>) => [...keys].sort().map(placeOf)
    return {
      written: list(this.#written),
      moved: list(this.#moved),
      removed: list(this.#removed),
    }
  }

  isWritten(place: Place): boolean {
    if (this.#written.has(keyOf(place))) return true
    return [...this.#moved].some((moved) => isWithin(keyOf(place), moved))
  }

  record(op: Op): void {
    if (op.errno === 'success') this.#handlers[op.call]?.(op)
  }

  #place(op: Op, fd: string, path: string): Place | null {
    const base = this.#open.get(number(op, fd))
    const bytes = op.parameters[path]
    return base === undefined || !(bytes instanceof Uint8Array) ? null : below(base.place, bytes)
  }

  #recordOpen(op: Op): void {
    const place = this.#place(op, 'fd', 'path')
    // A plugin's file may be behind the path instead.
    const isOther = op.creates !== null && !op.creates.startsWith('files/')
    if (place === null || isOther) return
    const options: OpenOptions = {
      oflags: number(op, 'oflags'),
      fdflags: number(op, 'fdflags'),
      rights: BigInt(op.parameters['rights_base'] as bigint),
      inheriting: BigInt(op.parameters['rights_inheriting'] as bigint),
    }
    this.#open.set(Number(op.results['opened_fd'] ?? -1n), { place, options })
    const makes = (options.oflags & (oflags.creat | oflags.trunc)) !== 0
    const writes = (options.rights & writing) !== 0n && (options.oflags & oflags.directory) === 0
    if (makes || writes) this.#touch(place)
  }

  #renumber(from: number, to: number): void {
    if (from === to) return
    const moved = this.#open.get(from)
    this.#open.delete(from)
    if (moved === undefined) this.#open.delete(to)
    else this.#open.set(to, moved)
  }

  #touch(place: Place | null): void {
    if (place === null || place.path === '') return
    this.#removed.delete(keyOf(place))
    this.#written.add(keyOf(place))
  }

  #remove(place: Place | null): void {
    if (place === null) return
    for (const keys of [this.#written, this.#moved]) {
      for (const key of keys) if (isWithin(key, keyOf(place))) keys.delete(key)
    }
    this.#removed.add(keyOf(place))
  }

  /** All that is below goes along: marks, and the places of what is open. */
  #rename(from: Place | null, to: Place | null): void {
    if (from === null || to === null) return
    const source = keyOf(from)
    const target = keyOf(to)
    if (source === target) return
    this.#remove(to)
    const follow = (key: string): string => `${target}${key.slice(source.length)}`
    for (const keys of [this.#written, this.#moved]) {
      for (const key of [...keys]) {
        if (!isWithin(key, source)) continue
        keys.delete(key)
        keys.add(follow(key))
      }
    }
    for (const [fd, { place, options }] of this.#open) {
      const key = keyOf(place)
      if (isWithin(key, source)) this.#open.set(fd, { place: placeOf(follow(key)), options })
    }
    this.#removed.delete(target)
    this.#moved.add(target)
    this.#removed.add(source)
  }
}

/** Whether a key is that of a place or of something below it. */
function isWithin(key: string, base: string): boolean {
  return key === base || key.startsWith(base.endsWith('\0') ? base : `${base}/`)
}

function number(op: Op, name: string): number {
  return Number(op.parameters[name] ?? -1n)
}
