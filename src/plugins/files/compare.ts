import { closeSync, constants, statSync } from 'node:fs'
import { posix } from 'node:path'
import type { BlobRef, HostFolder, RecoverContext } from '../../core/plugin.js'
import { digestOf } from './digest.js'
import { keyOf, nameOf, type Place } from './place.js'
import { type FileProblem, problemOf } from './problems.js'
import type { Entry, FileEntry } from './state.js'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** What has to be done about one entry. */
export type Step =
  | { readonly kind: 'keep' | 'make' }
  /** Something else is there, and is to give way. */
  | { readonly kind: 'replace' }
  | { readonly kind: 'problem'; readonly problem: FileProblem }

/** Compares what a snapshot took along with what is there; changes nothing. */
export class Comparison {
  readonly #folder: (place: Place) => HostFolder
  readonly #context: RecoverContext
  /** Places that are to be made, whose parents need not be looked at. */
  readonly #made = new Set<string>()

  constructor(folder: (place: Place) => HostFolder, context: RecoverContext) {
    this.#folder = folder
    this.#context = context
  }

  async compare(entries: readonly Entry[]): Promise<ReadonlyMap<Entry, Step>> {
    const steps = new Map<Entry, Step>()
    for (const [done, entry] of entries.entries()) {
      const step = await this.#check(entry)
      if (step.kind === 'make') this.#made.add(keyOf(entry.place))
      steps.set(entry, step)
      this.#context.progress({ unit: 'resources', done, total: entries.length })
    }
    return steps
  }

  /** Whether the disks have room for the blobs that go to each of the guest's directories. */
  findRoom(blobs: readonly { readonly place: Place; readonly blob: BlobRef }[]): FileProblem[] {
    const needed = new Map<string, { folder: HostFolder; bytes: bigint }>()
    for (const { place, blob } of blobs) {
      const folder = this.#folder(place)
      const { blocks } = statSync(this.#context.getBlob(blob).path, { bigint: true })
      const before = needed.get(place.directory)?.bytes ?? 0n
      needed.set(place.directory, { folder, bytes: before + blocks * 512n })
    }
    return [...needed].flatMap(([resource, { folder, bytes }]) => {
      const free = folder.freeBytes()
      if (bytes <= free) return []
      return [
        {
          resource,
          code: 'ERR_WASMSH_RECOVER_DISK_FULL' as const,
          reason: `has ${free} bytes of room, and its files need ${bytes}`,
          hint: `Make room, or choose another disk with --map-dir ${resource}=HOST.`,
        },
      ]
    })
  }

  async #check(entry: Entry): Promise<Step> {
    try {
      const step = await this.#compare(entry)
      const isChange = step.kind === 'make' || step.kind === 'replace'
      return isChange ? (this.#findObstacle(entry) ?? step) : step
    } catch (error) {
      return { kind: 'problem', problem: problemOf(nameOf(entry.place), error) }
    }
  }

  async #compare(entry: Entry): Promise<Step> {
    const folder = this.#folder(entry.place)
    const { path } = entry.place
    const found = folder.status(path)
    if (found === null) return { kind: 'make' }
    const wanted = entry.kind === 'link' ? 'file' : entry.kind
    if (found.kind !== wanted) {
      const what = found.kind === 'other' ? 'neither a file nor a directory' : `a ${found.kind}`
      return this.#differs(entry, `is ${what} here, and a ${wanted} in the snapshot`, found.kind)
    }
    switch (entry.kind) {
      case 'directory':
        return { kind: 'keep' }
      case 'symlink':
        if (folder.readLink(path) === entry.target) return { kind: 'keep' }
        return this.#differs(entry, 'leads elsewhere here', found.kind)
      case 'link':
        if (folder.status(entry.to.path)?.identity === found.identity) return { kind: 'keep' }
        return this.#differs(entry, `is not ${nameOf(entry.to)} here`, found.kind)
      case 'file': {
        const isSame = found.bytes === entry.bytes && (await this.#hasContents(folder, entry))
        if (isSame) return { kind: 'keep' }
        return this.#differs(entry, 'has other contents here', found.kind)
      }
    }
  }

  #differs(entry: Entry, reason: string, found: string): Step {
    // Never a whole directory for the sake of a file, nor something that is no file at all.
    const canGive = found === 'file' || found === 'symlink'
    if (this.#context.flags['overwrite'] === true && canGive) return { kind: 'replace' }
    const hint = canGive
      ? 'Recover with --overwrite to replace it, or into another directory with --map-dir.'
      : 'Move it away, or recover into another directory with --map-dir.'
    const resource = nameOf(entry.place)
    const code = 'ERR_WASMSH_RECOVER_FILE_CHANGED'
    return { kind: 'problem', problem: { resource, code, reason, hint } }
  }

  async #hasContents(folder: HostFolder, { place, blob }: FileEntry): Promise<boolean> {
    const hostFd = folder.open(place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const tell = () => this.#context.progress({ unit: 'bytes', done: 0, total: 0 })
    try {
      return (await digestOf(hostFd, tell)) === blob
    } finally {
      closeSync(hostFd)
    }
  }

  /** What would keep an entry from being made in its directory. */
  #findObstacle({ place }: Entry): Step | null {
    const parent = posix.dirname(place.path)
    const directory = { ...place, path: parent === '.' ? '' : parent }
    if (this.#made.has(keyOf(directory))) return null
    const folder = this.#folder(place)
    // Without a directory there the problem is another one, and told as that.
    if (folder.status(directory.path)?.kind !== 'directory') return null
    if (folder.isWritable(directory.path)) return null
    const problem: FileProblem = {
      resource: nameOf(place),
      code: 'ERR_WASMSH_RECOVER_FILE_DENIED',
      reason: `cannot be made: ${nameOf(directory)} is not yours to write to`,
      hint: `Give yourself the permission, or choose another one with --map-dir ${place.directory}=HOST.`,
    }
    return { kind: 'problem', problem }
  }
}
