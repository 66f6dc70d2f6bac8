import type { Descriptor, PluginHost, ResourceChange } from '../../core/plugin.js'
import { directoryRights, type FileEdit } from './edit-text.js'
import type { FilesFold } from './fold.js'
import { namelessStream, placeOfDescriptor } from './open-files.js'
import { findPlace, nameOf, type Place } from './place.js'
import { reopen } from './reopen.js'
import { flagNames } from './table.js'

const fdWrite = 1n << 6n

/** Changes the descriptors of a guest that stands still. */
export class GuestEditor {
  readonly #host: PluginHost
  readonly #fold: FilesFold
  readonly #all: readonly Descriptor[]

  constructor(host: PluginHost, fold: FilesFold) {
    this.#host = host
    this.#fold = fold
    this.#all = host.descriptors()
  }

  /** @throws Error that says why it cannot be done; nothing is changed then */
  apply(edit: FileEdit): ResourceChange {
    switch (edit.kind) {
      case 'offset':
        return this.#change(
          this.#file(edit.fd),
          { offset: edit.offset },
          ({ offset }) => `${offset}`,
        )
      case 'flags':
        return this.#setFlags(this.#file(edit.fd), edit.fdflags)
      case 'path':
        return this.#repoint(this.#file(edit.fd, true), edit.path)
      case 'close':
        return this.#close(edit.fd)
      case 'share':
        return this.#share(edit.fd, this.#file(edit.with))
      case 'open':
        return this.#open(edit)
    }
  }

  /** Through a copy of the descriptor, which shares its open file. */
  #change(
    before: Descriptor,
    change: Partial<Descriptor>,
    show: (one: Descriptor) => string,
  ): ResourceChange {
    const wanted = { ...before, ...change }
    this.#host.putDescriptor(wanted, this.#host.copyDescriptor(before.fd))
    return { old: show(before), new: show(wanted) }
  }

  #setFlags(before: Descriptor, fdflags: number): ResourceChange {
    requireChangeable(before, fdflags)
    return this.#change(before, { fdflags }, showFlags)
  }

  #repoint(before: Descriptor, path: string): ResourceChange {
    const place = this.#place(path)
    const old = placeOfDescriptor(before, this.#all)
    this.#put(place, before)
    return { old: old === null ? 'nothing' : nameOf(old), new: nameOf(place) }
  }

  #close(fd: number): ResourceChange {
    const before = this.#known(fd)
    this.#host.closeDescriptor(fd)
    this.#fold.put(fd, null)
    return { old: this.#show(before), new: 'closed' }
  }

  #share(fd: number, other: Descriptor): ResourceChange {
    this.#requireFree(fd)
    this.#host.putDescriptor({ ...other, fd }, this.#host.copyDescriptor(other.fd))
    this.#fold.put(fd, this.#fold.opened(other.fd) ?? null)
    return { old: 'closed', new: `fd[${other.fd}]` }
  }

  #open({ fd, path, fdflags, rights }: Extract<FileEdit, { kind: 'open' }>): ResourceChange {
    this.#requireFree(fd)
    const place = this.#place(path)
    const folder = this.#folder(place)
    const isDirectory = folder.status(place.path)?.kind === 'directory'
    this.#put(place, {
      ...nothingOpen,
      fd,
      kind: isDirectory ? 'directory' : 'file',
      fdflags: isDirectory ? 0 : fdflags,
      rightsBase: isDirectory ? directoryRights : rights,
      rightsInheriting: isDirectory ? 0x1fffffffn : 0n,
    })
    return { old: 'closed', new: nameOf(place) }
  }

  /** Opens a place for a descriptor and puts that at its number. */
  #put(place: Place, wanted: Descriptor): void {
    const preopen = this.#all.find(
      ({ kind, guestPath }) => kind === 'preopen' && guestPath === place.directory,
    )
    if (preopen === undefined) throw new Error(`the guest has closed ${place.directory}`)
    const reopened = reopen(this.#folder(place), { kind: toKind(wanted), place }, [wanted])
    if ('problem' in reopened) {
      throw new Error(`${reopened.problem.resource} ${reopened.problem.reason}`)
    }
    const guestPath = place.path === '' ? '.' : place.path
    const put = { ...wanted, guestPath, preopen: preopen.fd, stream: '' }
    this.#host.putDescriptor(put, reopened.hostFd)
    this.#fold.put(wanted.fd, { place, options: null })
    if (wanted.kind === 'file' && (wanted.rightsBase & fdWrite) !== 0n) this.#fold.touch(place)
  }

  #place(path: string): Place {
    const directories = this.#host.directories.map(({ guestPath }) => guestPath)
    const place = findPlace(directories, path)
    if (place !== null) return place
    throw new Error(`${path} is in none of the guest's directories`)
  }

  #folder({ directory }: Place): ReturnType<PluginHost['folder']> {
    const found = this.#host.directories.find(({ guestPath }) => guestPath === directory)
    if (found === undefined) throw new Error(`there is no directory ${directory}`)
    return this.#host.folder(found.hostPath)
  }

  #known(fd: number): Descriptor {
    const found = this.#all.find((one) => one.fd === fd)
    if (found === undefined) throw new Error(`descriptor ${fd} is closed`)
    return found
  }

  #file(fd: number, orDirectory = false): Descriptor {
    return requireFile(this.#known(fd), orDirectory)
  }

  #requireFree(fd: number): void {
    const found = this.#all.find((one) => one.fd === fd)
    if (found === undefined) return
    throw new Error(`descriptor ${fd} is open (${this.#show(found)}): close it first`)
  }

  #show(one: Descriptor): string {
    const place = placeOfDescriptor(one, this.#all)
    const deleted = one.stream === namelessStream ? ' (deleted)' : ''
    return place === null ? one.kind : `${nameOf(place)}${deleted}`
  }
}

/** What an edit opens begins as. */
export const nothingOpen: Omit<Descriptor, 'fd' | 'kind'> = {
  guestPath: '',
  preopen: 0,
  fdflags: 0,
  rightsBase: 0n,
  rightsInheriting: 0n,
  offset: 0n,
  size: 0n,
  modifiedNs: 0n,
  unread: new Uint8Array(),
  stream: '',
}

/** @throws Error for a descriptor that is no file */
export function requireFile(one: Descriptor, orDirectory = false): Descriptor {
  if (one.kind === 'file' || (orDirectory && one.kind === 'directory')) return one
  const what = one.kind === 'preopen' ? 'a preopened directory' : `a ${one.kind}`
  throw new Error(`descriptor ${one.fd} is ${what}: that can only be closed`)
}

/** @throws Error for flags that no open file can be given any more */
export function requireChangeable(before: Descriptor, fdflags: number): void {
  const changeable = 1 | 4
  if (((before.fdflags ^ fdflags) & ~changeable) === 0) return
  throw new Error('dsync, rsync and sync cannot be changed while the file is open')
}

export function showFlags({ fdflags }: Descriptor): string {
  return flagNames.filter((_, bit) => (fdflags & (1 << bit)) !== 0).join(',') || 'none'
}

export function toKind(one: Descriptor): 'file' | 'directory' {
  return one.kind === 'directory' ? 'directory' : 'file'
}
