import { closeSync, constants } from 'node:fs'
import type {
  Degradation,
  Descriptor,
  Op,
  PluginFlags,
  PluginHost,
  RecoverContext,
  ResourcePlan,
  ResourceTracker,
  SnapshotContext,
} from '../../core/plugin.js'
import { collect } from './collect.js'
import { FilesFold, type RecordedOpen } from './fold.js'
import { keyOf, nameOf, type Place } from './place.js'
import { copyBlob, Restorer } from './restore.js'
import { type Contents, contentsChoices, type FilesState, type OpenFile } from './state.js'

const { O_RDWR } = constants
/** Node has no constant for it (open(2)). */
const O_TMPFILE = 0o20200000

/** Descriptor of the first preopened directory. */
const firstPreopen = 3

/** What the view says of a file that was deleted while open. */
const nameless = 'nameless'

/** The files of one guest. */
export class FilesTracker implements ResourceTracker<FilesState> {
  readonly #host: PluginHost
  #fold = new FilesFold()
  #restorer: Restorer | null = null

  constructor(host: PluginHost) {
    this.#host = host
    const preopens = host.directories.map(
      ({ guestPath }, index) => [firstPreopen + index, openOf(guestPath)] as const,
    )
    this.#fold.begin(new Map(preopens), {})
  }

  record(op: Op): void {
    this.#fold.record(op)
  }

  plan(flags: PluginFlags): readonly ResourcePlan[] {
    const contents = contentsOf(flags)
    const descriptors = this.#host.descriptors()
    return descriptors.flatMap((one) => {
      const place = placeOfDescriptor(one, descriptors)
      return place === null ? [] : [this.#planOne(one, place, contents)]
    })
  }

  async snapshot(context: SnapshotContext): Promise<FilesState> {
    const contents = contentsOf(context.flags)
    const descriptors = this.#host.descriptors()
    const changes = this.#fold.changes()
    const open: OpenFile[] = descriptors.flatMap((one) => {
      const place = placeOfDescriptor(one, descriptors)
      if (place === null || one.kind === 'preopen') return []
      const options = this.#fold.opened(one.fd)?.options ?? null
      return [{ descriptor: one.fd, place, options, offset: one.offset }]
    })
    return {
      ...changes,
      open,
      contents,
      ...(await collect(this.#host, changes, contents, context)),
      nameless: await this.#takeNameless(descriptors, context),
    }
  }

  async recover(state: FilesState, context: RecoverContext): Promise<readonly Degradation[]> {
    this.#fold = new FilesFold()
    this.#fold.begin(recordedOpens(state, context.descriptors), state)
    const restorer = new Restorer(this.#host, context)
    this.#restorer = restorer
    await restorer.restore(state.entries)
    for (const one of state.nameless) await this.#giveNameless(restorer, one, context)
    this.#adjust(restorer, state, context)
    return [
      ...state.left.map(({ place, reason }) => ({ resource: nameOf(place), reason })),
      ...this.#returned(restorer, state),
    ]
  }

  async undo(): Promise<void> {
    this.#restorer?.undo()
  }

  async resume(): Promise<void> {
    this.#restorer?.finish()
    this.#restorer = null
  }

  async dispose(): Promise<void> {}

  #planOne(one: Descriptor, place: Place, contents: Contents): ResourcePlan {
    const name = nameOf(place)
    const common = { resource: `descriptor ${one.fd} (${name})`, descriptor: one.fd }
    if (one.kind === 'preopen') {
      const host = this.#host.directories.find(({ guestPath }) => guestPath === place.directory)
      const reason = `is ${host?.hostPath ?? 'nowhere'} on this host`
      const hint = `Elsewhere: recover with --map-dir ${place.directory}=HOST.`
      return { ...common, status: 'mapping', reason, hint }
    }
    if (one.stream === nameless) {
      const reason = 'was deleted while open: its contents travel'
      return { ...common, status: 'portable', reason, hint: '' }
    }
    const travels = contents === 'all' || (contents === 'written' && this.#fold.isWritten(place))
    if (travels) return { ...common, status: 'portable', reason: 'travels', hint: '' }
    return {
      ...common,
      status: 'mapping',
      reason: `has to be there, as it is now, when the guest is recovered`,
      hint: 'Take it along with --contents written or all.',
    }
  }

  async #takeNameless(
    descriptors: readonly Descriptor[],
    context: SnapshotContext,
  ): Promise<FilesState['nameless']> {
    const taken: FilesState['nameless'][number][] = []
    for (const { fd, kind, stream, modifiedNs } of descriptors) {
      if (kind !== 'file' || stream !== nameless) continue
      const hostFd = this.#host.copyDescriptor(fd)
      try {
        taken.push({ descriptor: fd, blob: await context.putBlob({ hostFd }), modifiedNs })
      } finally {
        closeSync(hostFd)
      }
    }
    return taken
  }

  /** Makes a file without a name in the directory where it once had one. */
  async #giveNameless(
    restorer: Restorer,
    { descriptor, blob, modifiedNs }: FilesState['nameless'][number],
    context: RecoverContext,
  ): Promise<void> {
    const stored = context.descriptors.find(({ fd }) => fd === descriptor)
    const place = stored && placeOfDescriptor(stored, context.descriptors)
    if (!place) throw new Error(`descriptor ${descriptor} is no file of the guest`)
    const folder = restorer.folder(place)
    const hostFd = folder.open('', O_TMPFILE | O_RDWR, 0o600)
    try {
      await copyBlob(folder, context.getBlob(blob).path, hostFd)
      folder.setModified(hostFd, modifiedNs)
    } catch (error) {
      closeSync(hostFd)
      throw error
    }
    context.give(descriptor, hostFd)
  }

  /** Files that were brought along are as the guest left them, whatever their times here. */
  #adjust(restorer: Restorer, state: FilesState, context: RecoverContext): void {
    const brought = new Set(
      state.entries.flatMap(({ kind, place }) =>
        kind === 'file' || kind === 'link' ? [keyOf(place)] : [],
      ),
    )
    for (const { descriptor, place } of state.open) {
      if (!brought.has(keyOf(place))) continue
      const status = restorer.folder(place).status(place.path)
      if (status?.kind !== 'file') continue
      context.adjust(descriptor, { size: status.bytes, modifiedNs: status.modifiedNs })
    }
  }

  /** Names that the guest had removed and that are here all the same. */
  #returned(restorer: Restorer, state: FilesState): readonly Degradation[] {
    if (state.contents === 'none') return []
    return state.removed.flatMap((place) =>
      restorer.folder(place).status(place.path) === null
        ? []
        : [{ resource: nameOf(place), reason: 'was removed by the guest and is here' }],
    )
  }
}

function contentsOf(flags: PluginFlags): Contents {
  return contentsChoices.find((one) => one === flags['contents']) ?? 'none'
}

function openOf(directory: string): RecordedOpen {
  return { place: { directory, path: '' }, options: null }
}

/** Where a file, directory or preopen is; null for all others. */
function placeOfDescriptor(one: Descriptor, all: readonly Descriptor[]): Place | null {
  if (one.kind === 'preopen') return { directory: one.guestPath, path: '' }
  if (one.kind !== 'file' && one.kind !== 'directory') return null
  const preopen = all.find(({ kind, fd }) => kind === 'preopen' && fd === one.preopen)
  if (preopen === undefined) return null
  return { directory: preopen.guestPath, path: one.guestPath === '.' ? '' : one.guestPath }
}

/** What was open at the snapshot: as it was recorded then, and where the kernel found it. */
function recordedOpens(
  state: FilesState,
  descriptors: readonly Descriptor[],
): ReadonlyMap<number, RecordedOpen> {
  const preopens = descriptors
    .filter(({ kind }) => kind === 'preopen')
    .map(({ fd, guestPath }) => [fd, openOf(guestPath)] as const)
  const files = state.open.map(
    ({ descriptor, place, options }) => [descriptor, { place, options }] as const,
  )
  return new Map([...preopens, ...files])
}
