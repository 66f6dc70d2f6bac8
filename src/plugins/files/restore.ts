import { randomUUID } from 'node:crypto'
import { closeSync, constants, fchmodSync, openSync } from 'node:fs'
import { posix } from 'node:path'
import { WasmshError } from '../../core/errors.js'
import type { HostFolder, PluginHost, RecoverContext } from '../../core/plugin.js'
import { digestOf } from './digest.js'
import { nameOf, type Place } from './place.js'
import type { Entry } from './state.js'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

type FileEntry = Extract<Entry, { readonly kind: 'file' }>

/** What has to be done about one entry. */
type Step =
  | { readonly kind: 'keep' }
  | { readonly kind: 'make' }
  /** Something else is there, and is to give way. */
  | { readonly kind: 'replace' }
  | { readonly kind: 'conflict'; readonly reason: string }

/**
 * Puts files where a recovered guest expects them. First everything is compared with what is there;
 * only when nothing stands against it is anything written, and all of it can be taken back.
 */
export class Restorer {
  readonly #host: PluginHost
  readonly #context: RecoverContext
  /** The latest last. */
  readonly #undo: (() => void)[] = []
  /** What was replaced, under other names. */
  readonly #aside: { readonly folder: HostFolder; readonly path: string }[] = []

  constructor(host: PluginHost, context: RecoverContext) {
    this.#host = host
    this.#context = context
  }

  /** @throws WasmshError ERR_WASMSH_RECOVER_FILE_CHANGED for what must not be overwritten */
  async restore(entries: readonly Entry[]): Promise<void> {
    const steps = new Map<Entry, Step>()
    for (const [done, entry] of entries.entries()) {
      steps.set(entry, await this.#compare(entry))
      this.#context.progress({ unit: 'resources', done, total: entries.length })
    }
    this.#refuseConflicts(steps)
    for (const [entry, step] of steps) {
      if (step.kind === 'keep') continue
      if (step.kind === 'replace') this.#putAside(entry.place)
      await this.#make(entry)
      this.#context.progress({ unit: 'resources', done: 0, total: entries.length })
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

  folder({ directory }: Place): HostFolder {
    const found = this.#host.directories.find(({ guestPath }) => guestPath === directory)
    if (found !== undefined) return this.#host.folder(found.hostPath)
    throw new WasmshError('ERR_WASMSH_PLUGIN_STATE', `The guest has no directory "${directory}"`)
  }

  async #compare(entry: Entry): Promise<Step> {
    const folder = this.folder(entry.place)
    const { path } = entry.place
    const found = folder.status(path)
    if (found === null) return { kind: 'make' }
    const wanted = entry.kind === 'link' ? 'file' : entry.kind
    if (found.kind !== wanted) return this.#differs(entry, `is a ${found.kind} here`, found.kind)
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
    // Never a whole directory for the sake of a file.
    if (this.#context.flags['overwrite'] === true && found !== 'directory') {
      return { kind: 'replace' }
    }
    return { kind: 'conflict', reason: `${nameOf(entry.place)} ${reason}` }
  }

  async #hasContents(folder: HostFolder, { place, blob }: FileEntry): Promise<boolean> {
    const hostFd = folder.open(place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      return (await digestOf(hostFd)) === blob
    } finally {
      closeSync(hostFd)
    }
  }

  #refuseConflicts(steps: ReadonlyMap<Entry, Step>): void {
    const reasons = [...steps.values()].flatMap((step) =>
      step.kind === 'conflict' ? [step.reason] : [],
    )
    if (reasons.length === 0) return
    const shown = reasons.slice(0, 5).join('; ')
    const more = reasons.length > 5 ? `; and ${reasons.length - 5} more` : ''
    throw new WasmshError(
      'ERR_WASMSH_RECOVER_FILE_CHANGED',
      `Files of the snapshot would replace others: ${shown}${more}`,
      {
        hint: 'Recover with --overwrite to replace them, or into another directory with --map-dir.',
      },
    )
  }

  #putAside({ directory, path }: Place): void {
    const folder = this.folder({ directory, path })
    const aside = posix.join(posix.dirname(path), `.wasmsh-${randomUUID()}`)
    folder.rename(path, aside)
    this.#undo.push(() => folder.rename(aside, path))
    this.#aside.push({ folder, path: aside })
  }

  async #make(entry: Entry): Promise<void> {
    const folder = this.folder(entry.place)
    const { path } = entry.place
    switch (entry.kind) {
      case 'directory':
        folder.makeDirectory(path, entry.mode)
        break
      case 'symlink':
        folder.makeLink(path, entry.target)
        break
      case 'link':
        folder.linkTo(entry.to.path, path)
        break
      case 'file':
        await this.#makeFile(folder, entry)
        return
    }
    this.#undo.push(() => folder.remove(path))
  }

  async #makeFile(folder: HostFolder, { place, mode, modifiedNs, blob }: FileEntry): Promise<void> {
    const hostFd = folder.open(place.path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    this.#undo.push(() => folder.remove(place.path))
    try {
      await copyBlob(folder, this.#context.getBlob(blob).path, hostFd)
      fchmodSync(hostFd, mode)
      folder.setModified(hostFd, modifiedNs)
    } finally {
      closeSync(hostFd)
    }
  }
}

/** Fills an open file with a stored blob. */
export async function copyBlob(folder: HostFolder, path: string, hostFd: number): Promise<void> {
  const source = openSync(path, 'r')
  try {
    await folder.copyContents(source, hostFd)
  } finally {
    closeSync(source)
  }
}
