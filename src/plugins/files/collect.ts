import { closeSync, constants } from 'node:fs'
import { posix } from 'node:path'
import type { HostFolder, PluginHost, SnapshotContext } from '../../core/plugin.js'
import { keyOf, type Place } from './place.js'
import type { Changes, Contents, Entry, FilesState } from './state.js'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

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
  }
  return collector.result()
}

class Collector {
  readonly #host: PluginHost
  readonly #context: SnapshotContext
  readonly #entries = new Map<string, Entry>()
  readonly #left: FilesState['left'][number][] = []
  /** Place of a file by its identity on the host: a second name is a link. */
  readonly #known = new Map<string, Place>()

  constructor(host: PluginHost, context: SnapshotContext) {
    this.#host = host
    this.#context = context
  }

  /** Directories stand before what is in them, files before their further names. */
  result(): Collected {
    return { entries: [...this.#entries.values()], left: this.#left }
  }

  async addTree(place: Place): Promise<void> {
    const folder = this.#folder(place)
    if (folder === null || !(await this.#add(folder, place))) return
    for (const name of folder.list(place.path)) {
      if (name === null) {
        this.#left.push({ place, reason: 'holds a name that is not UTF-8' })
      } else {
        await this.addTree({ ...place, path: posix.join(place.path, name) })
      }
    }
  }

  /** Something that the guest made or wrote to, also through a symbolic link. */
  async addWritten(place: Place): Promise<void> {
    const folder = this.#folder(place)
    if (folder === null) return
    await this.#add(folder, place)
    if (folder.status(place.path)?.kind !== 'symlink') return
    const path = folder.resolve(place.path)
    if (path !== null) await this.#add(folder, { ...place, path })
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
    const status = folder.status(place.path)
    switch (status?.kind) {
      case undefined:
        return false // the guest has removed it, or somebody else has
      case 'directory':
        this.#put({ place, kind: 'directory', mode: status.mode })
        return true
      case 'symlink':
        this.#put({ place, kind: 'symlink', target: folder.readLink(place.path) })
        return false
      case 'file': {
        const known = this.#known.get(`${place.directory}\0${status.identity}`)
        if (known !== undefined) this.#put({ place, kind: 'link', to: known })
        else await this.#addFile(folder, place)
        return false
      }
      case 'other':
        this.#left.push({ place, reason: 'is neither a file, a directory nor a symbolic link' })
        return false
    }
  }

  async #addFile(folder: HostFolder, place: Place): Promise<void> {
    const hostFd = folder.open(place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
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

  #put(entry: Entry): void {
    this.#entries.set(keyOf(entry.place), entry)
  }
}
