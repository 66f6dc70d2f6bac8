import type { Op } from '../../core/plugin.js'
import { NameMarks } from './name-marks.js'
import { below, keyOf, type Place, placeOf } from './place.js'
import type { Changes, OpenOptions } from './state.js'

/** Of path_open (WASI preview 1). */
const oflags = { creat: 1, directory: 2, excl: 4, trunc: 8 }
const makesNew = oflags.creat | oflags.excl
/** Rights that let a guest change a file: fd_write, fd_allocate, fd_filestat_set_size. */
const writing = (1n << 6n) | (1n << 8n) | (1n << 22n)

/** Removed names that are kept; the oldest go first. */
const mostRemoved = 65_536

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
  readonly #marks = new NameMarks()
  /** By key, the oldest first. */
  readonly #removed = new Set<string>()
  #unlisted = 0
  readonly #handlers: Readonly<Record<string, (op: Op) => void>> = {
    path_open: (op) => this.#recordOpen(op),
    fd_close: (op) => this.#open.delete(number(op, 'fd')),
    fd_renumber: (op) => this.#renumber(number(op, 'fd'), number(op, 'to')),
    path_create_directory: (op) => this.#touch(this.#place(op, 'fd', 'path'), true),
    path_symlink: (op) => this.#touch(this.#place(op, 'fd', 'new_path'), true),
    path_link: (op) => this.#touch(this.#place(op, 'new_fd', 'new_path'), true),
    path_unlink_file: (op) => this.#remove(this.#place(op, 'fd', 'path')),
    path_remove_directory: (op) => this.#remove(this.#place(op, 'fd', 'path')),
    path_rename: (op) =>
      this.#rename(this.#place(op, 'fd', 'old_path'), this.#place(op, 'new_fd', 'new_path')),
  }

  /** Puts in what was open, and what had been changed, before the first operation. */
  begin(open: ReadonlyMap<number, RecordedOpen>, changes: Partial<Changes>): void {
    for (const [fd, one] of open) this.#open.set(fd, one)
    for (const one of changes.written ?? []) this.#marks.touch(one, false)
    for (const one of changes.moved ?? []) this.#marks.markMoved(one)
    for (const one of changes.removed ?? []) this.#removed.add(keyOf(one))
    this.#unlisted = changes.unlisted ?? 0
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
    this.#touch(place, false)
  }

  changes(): Changes {
    const removed = [...this.#removed].sort().map(placeOf)
    return { ...this.#marks.list(), removed, unlisted: this.#unlisted }
  }

  isWritten(place: Place): boolean {
    return this.#marks.isChanged(place)
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
    if (makes || writes) this.#touch(place, (options.oflags & makesNew) === makesNew)
  }

  #renumber(from: number, to: number): void {
    if (from === to) return
    const moved = this.#open.get(from)
    this.#open.delete(from)
    if (moved === undefined) this.#open.delete(to)
    else this.#open.set(to, moved)
  }

  /** `isNew`: there was nothing of that name a moment ago. */
  #touch(place: Place | null, isNew: boolean): void {
    if (place === null || place.path === '') return
    const wasThere = this.#removed.delete(keyOf(place))
    this.#marks.touch(place, isNew && !wasThere)
  }

  #remove(place: Place | null): void {
    if (place !== null && this.#marks.remove(place)) this.#noteRemoved(place)
  }

  /** All that is below goes along: marks, and the places of what is open. */
  #rename(from: Place | null, to: Place | null): void {
    if (from === null || to === null) return
    const source = keyOf(from)
    const target = keyOf(to)
    if (source === target) return
    if (this.#marks.move(from, to)) this.#noteRemoved(from)
    this.#removed.delete(target)
    for (const [fd, { place, options }] of this.#open) {
      const key = keyOf(place)
      if (!isWithin(key, source)) continue
      this.#open.set(fd, { place: placeOf(`${target}${key.slice(source.length)}`), options })
    }
  }

  #noteRemoved(place: Place): void {
    this.#removed.add(keyOf(place))
    if (this.#removed.size <= mostRemoved) return
    for (const oldest of this.#removed) {
      this.#removed.delete(oldest)
      break
    }
    this.#unlisted++
  }
}

/** Whether a key is that of a place or of something below it. */
function isWithin(key: string, base: string): boolean {
  return key === base || key.startsWith(base.endsWith('\0') ? base : `${base}/`)
}

function number(op: Op, name: string): number {
  return Number(op.parameters[name] ?? -1n)
}
