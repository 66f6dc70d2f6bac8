import { randomUUID } from 'node:crypto'
import { closeSync, constants, fchmodSync, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { constants as osConstants, tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { errnoOf } from '../../core/errors.js'
import type { HostFolder, PluginHost, RecoverContext } from '../../core/plugin.js'
import type { Step } from './compare.js'
import { nameOf, type Place } from './place.js'
import { problemOf, throwProblems } from './problems.js'
import type { Entry, FileEntry, NamelessFile } from './state.js'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants
/** Node has no constant for it (open(2)). */
const O_TMPFILE = 0o20200000
const tellMs = 1000
const { EACCES, EISDIR, EOPNOTSUPP, EROFS } = osConstants.errno
const cannotKeep: readonly number[] = [EACCES, EISDIR, EOPNOTSUPP, EROFS]

/**
 * Puts files where a recovered guest expects them, as far as a comparison said that they are to be
 * made. All of it can be taken back until the recovery is complete.
 */
export class Restorer {
  readonly #host: PluginHost
  readonly #folder: (place: Place) => HostFolder
  readonly #context: RecoverContext
  /** The latest last. */
  readonly #undo: (() => void)[] = []
  /** What was replaced, under other names. */
  readonly #aside: { readonly folder: HostFolder; readonly path: string }[] = []

  constructor(host: PluginHost, folder: (place: Place) => HostFolder, context: RecoverContext) {
    this.#host = host
    this.#folder = folder
    this.#context = context
  }

  /** @throws WasmshError ERR_WASMSH_RECOVER_* that names the file */
  async restore(steps: ReadonlyMap<Entry, Step>): Promise<void> {
    const changed = [...steps].filter(([, { kind }]) => kind === 'make' || kind === 'replace')
    for (const [done, [entry, { kind }]] of changed.entries()) {
      try {
        if (kind === 'replace') this.#putAside(entry.place)
        await this.#make(entry)
      } catch (error) {
        throwProblems([problemOf(nameOf(entry.place), error)])
      }
      this.#context.progress({ unit: 'resources', done, total: changed.length })
    }
    // At the end: a directory may be one that nothing can be made in.
    for (const [entry] of changed.reverse()) {
      if (entry.kind === 'directory') this.#setMode(entry.place, entry.mode)
    }
  }

  /** Makes a file, or a directory, without a name where it once had one; gives it open. */
  async makeNameless(place: Place, { blob, modifiedNs }: NamelessFile): Promise<number> {
    const folder = this.#folder(place)
    let hostFd = -1
    try {
      hostFd = blob === null ? openNamelessDirectory(folder) : openNamelessFile(folder)
      if (blob !== null) await this.#fill(folder, hostFd, blob)
      folder.setModified(hostFd, modifiedNs)
      return hostFd
    } catch (error) {
      if (hostFd >= 0) closeSync(hostFd)
      throwProblems([problemOf(nameOf(place), error)])
      throw error
    }
  }

  /** Takes back everything. */
  undo(): void {
    for (const step of this.#undo.splice(0).reverse()) {
      try {
        step()
      } catch (error) {
        this.#host.log(`a step could not be taken back: ${String(error)}`)
      }
    }
    this.#aside.length = 0
  }

  /** The recovery is complete: what was replaced goes. */
  finish(): void {
    for (const { folder, path } of this.#aside.splice(0)) folder.remove(path)
    this.#undo.length = 0
  }

  #putAside(place: Place): void {
    const folder = this.#folder(place)
    const aside = besideOf(place.path)
    folder.rename(place.path, aside)
    this.#undo.push(() => folder.rename(aside, place.path))
    this.#aside.push({ folder, path: aside })
  }

  async #make(entry: Entry): Promise<void> {
    const folder = this.#folder(entry.place)
    const { path } = entry.place
    switch (entry.kind) {
      case 'directory':
        folder.makeDirectory(path, 0o700)
        break
      case 'symlink':
        folder.makeLink(path, entry.target)
        break
      case 'link':
        folder.linkTo(entry.to.path, path)
        break
      case 'file':
        await this.#makeFile(folder, entry)
        break
    }
    this.#undo.push(() => folder.remove(path))
  }

  /** Under another name until it is whole: who dies half-way leaves no half of a file. */
  async #makeFile(folder: HostFolder, { place, mode, modifiedNs, blob }: FileEntry): Promise<void> {
    const { path } = place
    const beside = besideOf(path)
    const hostFd = folder.open(beside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      await this.#fill(folder, hostFd, blob)
      fchmodSync(hostFd, mode)
      folder.setModified(hostFd, modifiedNs)
      folder.renameNew(beside, path)
    } catch (error) {
      folder.remove(beside)
      throw error
    } finally {
      closeSync(hostFd)
    }
  }

  #setMode(place: Place, mode: number): void {
    const folder = this.#folder(place)
    folder.setMode(place.path, mode)
    this.#undo.push(() => folder.setMode(place.path, 0o700))
  }

  async #fill(folder: HostFolder, hostFd: number, blob: FileEntry['blob']): Promise<void> {
    const { path, bytes } = this.#context.getBlob(blob)
    const source = openSync(path, 'r')
    // The kernel copies, and does not say how far it is.
    const timer = setInterval(() => {
      this.#context.progress({ unit: 'bytes', done: 0, total: bytes })
    }, tellMs)
    try {
      await folder.copyContents(source, hostFd)
    } finally {
      clearInterval(timer)
      closeSync(source)
    }
  }
}

/** On a read-only or a simple file system such a file is kept elsewhere. */
function openNamelessFile(folder: HostFolder): number {
  try {
    return folder.open('', O_TMPFILE | O_RDWR, 0o600)
  } catch (error) {
    if (!cannotKeep.includes(errnoOf(error))) throw error
    return openSync(tmpdir(), O_TMPFILE | O_RDWR, 0o600)
  }
}

function openNamelessDirectory(folder: HostFolder): number {
  const name = besideOf('')
  try {
    folder.makeDirectory(name, 0o700)
  } catch (error) {
    if (!cannotKeep.includes(errnoOf(error))) throw error
    const elsewhere = mkdtempSync(join(tmpdir(), 'wasmsh-'))
    return openAndRemove(elsewhere, () => openSync(elsewhere, O_RDONLY), rmdirSync)
  }
  const open = () => folder.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  return openAndRemove(name, open, (path) => folder.remove(path))
}

function openAndRemove(path: string, open: () => number, remove: (path: string) => void): number {
  try {
    return open()
  } finally {
    remove(path)
  }
}

/** A name for something that is to be, or was, in a place. */
function besideOf(path: string): string {
  return posix.join(posix.dirname(path), `.wasmsh-${randomUUID()}`)
}
