import { closeSync, constants } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { posix } from 'node:path'
import { errnoOf } from '../../core/errors.js'
import type { FileStatus, HostFolder, PluginHost, SnapshotContext } from '../../core/plugin.js'
import { keyOf, leadsOut, type Place } from './place.js'
import type { Changes, Contents, Entry, FilesState, LeftOut } from './state.js'

const { EACCES, ELOOP, EXDEV } = osConstants.errno
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** As many as the kernel follows. */
const maxLinks = 40

type Collected = Pick<FilesState, 'entries' | 'left'>

/** Takes along what `contents` says of the guest's directories. */
export async function collect(
  host: PluginHost,
  changes: Changes,
  contents: Contents,
  context: SnapshotContext,
): Promise<Collected> {
  const collector = new Collector(host, context)
  if (contents === 'all') {
    for (const { guestPath } of host.directories) {
      await collector.addTree({ directory: guestPath, path: '' })
    }
  }
  if (contents === 'written') {
    for (const place of changes.written) await collector.addWritten(place)
    for (const place of changes.moved) await collector.addTree(place)
    // A name is there all the same when it was renamed to another one of its file.
    for (const place of changes.removed) await collector.addWritten(place)
  }
  return collector.result()
}

class Collector {
  readonly #host: PluginHost
  readonly #context: SnapshotContext
  readonly #entries = new Map<string, Entry>()
  readonly #left = new Map<string, LeftOut>()
  /** Place of a file by its identity on the host: a second name is a link. */
  readonly #known = new Map<string, Place>()

  constructor(host: PluginHost, context: SnapshotContext) {
    this.#host = host
    this.#context = context
  }

  /** Directories stand before what is in them, files before their further names. */
  result(): Collected {
    return { entries: [...this.#entries.values()], left: [...this.#left.values()] }
  }

  async addTree(place: Place): Promise<void> {
    const folder = this.#folder(place)
    if (folder === null || !(await this.#add(folder, place))) return
    let names: ReturnType<HostFolder['list']>
    try {
      names = folder.list(place.path)
    } catch (error) {
      if (errnoOf(error) !== EACCES) throw error
      this.#leave(place, 'may not be read by you')
      return
    }
    for (const name of names) {
      if (name === null) {
        this.#leave(place, 'holds a name that is not UTF-8')
      } else {
        await this.addTree({ ...place, path: posix.join(place.path, name) })
      }
    }
  }

  /** Something that the guest made or wrote to, and the links that it went through. */
  async addWritten(place: Place): Promise<void> {
    const folder = this.#folder(place)
    if (folder === null) return
    const path = await this.#addLinks(folder, place)
    await this.#add(folder, { ...place, path })
  }

  /** Adds the symbolic links on the way to a place, its own name included; gives the path behind
   *  them. */
  async #addLinks(folder: HostFolder, place: Place): Promise<string> {
    const rest = place.path.split('/')
    let path = ''
    for (let links = 0; rest.length > 0; ) {
      const next = posix.join(path, rest.shift() ?? '')
      if (statusOf(folder, next)?.kind !== 'symlink') {
        path = next
        continue
      }
      await this.#add(folder, { ...place, path: next })
      const target = folder.readLink(next)
      if (leadsOut({ ...place, path: next }, target) || ++links > maxLinks) return next
      rest.unshift(...posix.join(path, target).split('/'))
      path = ''
    }
    return path
  }

  #folder({ directory }: Place): HostFolder | null {
    const found = this.#host.directories.find(({ guestPath }) => guestPath === directory)
    return found === undefined ? null : this.#host.folder(found.hostPath)
  }

  /** Adds one place and the directories that lead to it. True for a directory. */
  async #add(folder: HostFolder, place: Place): Promise<boolean> {
    if (place.path === '') return true
    const parent = posix.dirname(place.path)
    if (parent !== '.') await this.#add(folder, { ...place, path: parent })
    const before = this.#entries.get(keyOf(place))
    if (before !== undefined) return before.kind === 'directory'
    const status = statusOf(folder, place.path)
    switch (status?.kind) {
      case undefined:
        return false // the guest has removed it, or somebody else has
      case 'directory':
        this.#put({ place, kind: 'directory', mode: status.mode })
        return true
      case 'symlink':
        this.#addLink(place, folder.readLink(place.path))
        return false
      case 'file': {
        const known = this.#known.get(`${place.directory}\0${status.identity}`)
        if (known !== undefined) this.#put({ place, kind: 'link', to: known })
        else await this.#addFile(folder, place)
        return false
      }
      case 'other':
        this.#leave(place, 'is neither a file, a directory nor a symbolic link')
        return false
    }
  }

  async #addFile(folder: HostFolder, place: Place): Promise<void> {
    let hostFd: number
    try {
      hostFd = folder.open(place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch (error) {
      if (errnoOf(error) !== EACCES) throw error
      this.#leave(place, 'may not be read by you')
      return
    }
    try {
      const blob = await this.#context.putBlob({ hostFd })
      const { mode, modifiedNs, bytes, identity } = folder.statusOf(hostFd)
      this.#put({ place, kind: 'file', mode, modifiedNs, bytes, blob })
      this.#known.set(`${place.directory}\0${identity}`, place)
    } finally {
      closeSync(hostFd)
    }
    const done = this.#entries.size
    this.#context.progress({ unit: 'resources', done, total: done })
  }

  #leave(place: Place, reason: string): void {
    this.#left.set(keyOf(place), { place, reason })
  }

  /** A link that leads out would lead anywhere on another host. */
  #addLink(place: Place, target: string): void {
    if (leadsOut(place, target)) {
      this.#leave(place, 'is a symbolic link that leads out of its directory')
    } else {
      this.#put({ place, kind: 'symlink', target })
    }
  }

  #put(entry: Entry): void {
    this.#entries.set(keyOf(entry.place), entry)
  }
}

/** The status of a place; null also where a link leads out on the way. */
function statusOf(folder: HostFolder, path: string): FileStatus | null {
  try {
    return folder.status(path)
  } catch (error) {
    if (errnoOf(error) === EXDEV || errnoOf(error) === ELOOP) return null
    throw error
  }
}
