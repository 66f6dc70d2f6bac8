import type {
  Degradation,
  Descriptor,
  FilesService,
  Op,
  PluginFlags,
  PluginHost,
  RecoverContext,
  ResourceChange,
  ResourcePlan,
  ResourceTracker,
  ServiceUser,
  SnapshotContext,
} from '../../core/plugin.js'
import { collect } from './collect.js'
import { GuestEditor } from './edit-guest.js'
import type { FileEdit } from './edit-text.js'
import { FilesFold, type RecordedOpen } from './fold.js'
import { takeOpenFiles } from './open-files.js'
import { keyOf, nameOf, type Place } from './place.js'
import { planSnapshot } from './plan.js'
import { recoverFiles } from './recover.js'
import type { Restorer } from './restore.js'
import { type Contents, contentsChoices, type FilesState } from './state.js'
import { type FileRow, rowsOfGuest } from './table.js'

/** Descriptor of the first preopened directory. */
const firstPreopen = 3

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

  service(user: ServiceUser): FilesService {
    return { provide: (path, provider) => this.#host.provide(path, provider, user) }
  }

  record(op: Op): void {
    this.#fold.record(op)
  }

  plan(flags: PluginFlags): readonly ResourcePlan[] {
    return planSnapshot(this.#host, this.#fold, contentsOf(flags))
  }

  async snapshot(context: SnapshotContext): Promise<FilesState> {
    const contents = contentsOf(context.flags)
    const changes = this.#fold.changes()
    return {
      ...changes,
      contents,
      ...(await takeOpenFiles(this.#host, this.#fold, context)),
      ...(await collect(this.#host, changes, contents, context)),
    }
  }

  async recover(state: FilesState, context: RecoverContext): Promise<readonly Degradation[]> {
    this.#fold = new FilesFold()
    this.#fold.begin(recordedOpens(state, context.descriptors), state)
    const { folder } = await recoverFiles(this.#host, state, context, (restorer) => {
      this.#restorer = restorer
    })
    const brought = new Set(state.entries.map(({ place }) => keyOf(place)))
    const isReturned = (place: Place) =>
      !brought.has(keyOf(place)) && folder(place).status(place.path) !== null
    const isLookedAt = state.contents !== 'none'
    const returned = isLookedAt ? state.removed.filter(isReturned) : []
    return [
      ...state.left.map(({ place, reason }) => ({ resource: nameOf(place), reason })),
      ...returned.map((place) => ({
        resource: nameOf(place),
        reason: 'was removed by the guest and is here',
      })),
      ...(isLookedAt && state.unlisted > 0
        ? [
            {
              resource: 'files that were removed',
              reason: `${state.unlisted} more were removed by the guest than are listed, and may be here`,
            },
          ]
        : []),
    ]
  }

  /** The guest's descriptors; it has to stand still. */
  rows(): readonly FileRow[] {
    return rowsOfGuest(this.#host)
  }

  /** Changes a descriptor of the guest, which has to stand still.
   *  @throws Error that says why it cannot be done */
  edit(edit: FileEdit): ResourceChange {
    return new GuestEditor(this.#host, this.#fold).apply(edit)
  }

  async undo(): Promise<void> {
    this.#restorer?.undo()
  }

  async resume(): Promise<void> {
    this.#restorer?.finish()
    this.#restorer = null
  }

  async dispose(): Promise<void> {}
}

function contentsOf(flags: PluginFlags): Contents {
  return contentsChoices.find((one) => one === flags['contents']) ?? 'none'
}

function openOf(directory: string): RecordedOpen {
  return { place: { directory, path: '' }, options: null }
}

/** What was open at the snapshot; descriptors that share an open file share what is recorded. */
function recordedOpens(
  state: FilesState,
  descriptors: readonly Descriptor[],
): ReadonlyMap<number, RecordedOpen> {
  const preopens = descriptors
    .filter(({ kind }) => kind === 'preopen')
    .map(({ fd, guestPath }) => [fd, openOf(guestPath)] as const)
  const opens = new Map(state.openFiles.map(({ id, place, options }) => [id, { place, options }]))
  const files = state.descriptors.flatMap(({ fd, openFile }) => {
    const open = opens.get(openFile)
    return open === undefined ? [] : [[fd, open] as const]
  })
  return new Map([...preopens, ...files])
}
