import { closeSync } from 'node:fs'
import { WasmshError } from '../../core/errors.js'
import type {
  BlobRef,
  Descriptor,
  HostFolder,
  PluginHost,
  RecoverContext,
} from '../../core/plugin.js'
import { Comparison, type Step } from './compare.js'
import { keyOf, type Place } from './place.js'
import { type FileProblem, throwProblems } from './problems.js'
import { findChange, type Reopened, reopen, reopenNameless } from './reopen.js'
import { Restorer } from './restore.js'
import type { Entry, FilesState, OpenFile } from './state.js'

/** An open file of the state, and the descriptors of the view that share it. */
interface Wanted {
  readonly openFile: OpenFile
  readonly holders: readonly Descriptor[]
}

/**
 * Puts a guest's files in place. First all of it is looked at, and all problems are told together;
 * only when there are none is anything written. Every open file is handed over open, so that what
 * was looked at is what the guest gets.
 *
 * @param begun gets what can take everything back, before anything is written
 * @throws WasmshError ERR_WASMSH_RECOVER_*
 */
export async function recoverFiles(
  host: PluginHost,
  state: FilesState,
  context: RecoverContext,
  begun: (restorer: Restorer) => void,
): Promise<{ readonly folder: (place: Place) => HostFolder }> {
  const folder = folderFinder(host)
  const wanted = findWanted(state, context.descriptors)
  const opened = new Map<OpenFile, number>()
  try {
    const steps = await new Inspection(folder, context, opened).inspect(state, wanted)
    const restorer = new Restorer(host, folder, context)
    begun(restorer)
    await restorer.restore(steps)
    await openRest(folder, wanted, opened)
    await openNameless(restorer, wanted, opened)
  } catch (error) {
    for (const hostFd of opened.values()) closeSync(hostFd)
    throw error
  }
  for (const one of wanted) give(context, one, opened)
  return { folder }
}

/** Looks at everything that a state needs here. */
class Inspection {
  readonly #folder: (place: Place) => HostFolder
  readonly #context: RecoverContext
  readonly #opened: Map<OpenFile, number>

  constructor(
    folder: (place: Place) => HostFolder,
    context: RecoverContext,
    opened: Map<OpenFile, number>,
  ) {
    this.#folder = folder
    this.#context = context
    this.#opened = opened
  }

  async inspect(state: FilesState, wanted: readonly Wanted[]): Promise<ReadonlyMap<Entry, Step>> {
    const comparison = new Comparison(this.#folder, this.#context)
    const steps = await comparison.compare(state.entries)
    const problems: FileProblem[] = []
    for (const step of steps.values()) if (step.kind === 'problem') problems.push(step.problem)
    const coming = new Set<string>()
    for (const [{ place }, { kind }] of steps) if (kind !== 'keep') coming.add(keyOf(place))
    const brought = new Set(state.entries.map(({ place }) => keyOf(place)))
    for (const one of wanted) {
      if (one.openFile.nameless !== null || this.#isComing(one.openFile.place, coming)) continue
      const problem = await this.#open(one, brought)
      if (problem !== null) problems.push(problem)
    }
    if (problems.length === 0) problems.push(...comparison.findRoom(blobsOf(steps, wanted)))
    throwProblems(problems)
    return steps
  }

  /** Whether a place will be there only when what was taken along has been put in place. */
  #isComing(place: Place, coming: ReadonlySet<string>): boolean {
    if (coming.has(keyOf(place))) return true
    const parts = place.path.split('/')
    return parts.some((_, index) =>
      coming.has(keyOf({ ...place, path: parts.slice(0, index).join('/') })),
    )
  }

  async #open(
    { openFile, holders }: Wanted,
    brought: ReadonlySet<string>,
  ): Promise<FileProblem | null> {
    const folder = this.#folder(openFile.place)
    const reopened = reopen(folder, openFile, holders)
    if ('problem' in reopened) return reopened.problem
    const { place } = openFile
    const path = folder.resolve(place.path) ?? place.path
    const isCompared = brought.has(keyOf(place)) || brought.has(keyOf({ ...place, path }))
    const change = isCompared ? null : await findChange(openFile, holders[0]?.fd ?? 0, reopened)
    if (change === null) this.#opened.set(openFile, reopened.hostFd)
    else closeSync(reopened.hostFd)
    return change
  }
}

/** Opens what could not be opened before it was put in place. */
async function openRest(
  folder: (place: Place) => HostFolder,
  wanted: readonly Wanted[],
  opened: Map<OpenFile, number>,
): Promise<void> {
  const problems: FileProblem[] = []
  for (const { openFile, holders } of wanted) {
    if (opened.has(openFile) || openFile.nameless !== null) continue
    const reopened: Reopened = reopen(folder(openFile.place), openFile, holders)
    if ('problem' in reopened) problems.push(reopened.problem)
    else opened.set(openFile, reopened.hostFd)
  }
  throwProblems(problems)
}

/** Makes what was deleted while open, each once, and opens it as often as the guest had. */
async function openNameless(
  restorer: Restorer,
  wanted: readonly Wanted[],
  opened: Map<OpenFile, number>,
): Promise<void> {
  const made = new Map<number, number>()
  try {
    for (const { openFile, holders } of wanted) {
      const { kind, place, nameless } = openFile
      if (nameless === null) continue
      const { number } = nameless
      const hostFd = made.get(number) ?? (await restorer.makeNameless(place, nameless))
      made.set(number, hostFd)
      const reopened = reopenNameless(hostFd, { kind, place }, holders)
      if ('problem' in reopened) throwProblems([reopened.problem])
      else opened.set(openFile, reopened.hostFd)
    }
  } finally {
    for (const hostFd of made.values()) closeSync(hostFd)
  }
}

/** Hands an open file over for each descriptor that shares it. */
function give(
  context: RecoverContext,
  { openFile, holders }: Wanted,
  opened: ReadonlyMap<OpenFile, number>,
): void {
  const hostFd = opened.get(openFile)
  if (hostFd === undefined) return
  const { place, offset } = openFile
  for (const { fd } of holders) {
    context.adjust(fd, { guestPath: place.path === '' ? '.' : place.path, offset })
    // The same for all of them: they share one open file.
    context.give(fd, hostFd)
  }
}

function blobsOf(
  steps: ReadonlyMap<Entry, Step>,
  wanted: readonly Wanted[],
): Parameters<Comparison['findRoom']>[0] {
  const entries = [...steps].flatMap(([entry, { kind }]) =>
    entry.kind === 'file' && kind !== 'keep' ? [{ place: entry.place, blob: entry.blob }] : [],
  )
  const nameless = new Map<number, { place: Place; blob: BlobRef }>()
  for (const { openFile } of wanted) {
    const { number = 0, blob = null } = openFile.nameless ?? {}
    if (blob !== null) nameless.set(number, { place: openFile.place, blob })
  }
  return [...entries, ...nameless.values()]
}

function findWanted(state: FilesState, descriptors: readonly Descriptor[]): readonly Wanted[] {
  return state.openFiles.map((openFile) => {
    const fds = state.descriptors.filter((one) => one.openFile === openFile.id)
    const holders = fds.map(({ fd }) => {
      const found = descriptors.find((one) => one.fd === fd)
      if (found?.kind === openFile.kind) return found
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_STATE',
        `Descriptor ${fd} of the snapshot is not a ${openFile.kind}, as the state of plugin "files" has it`,
      )
    })
    return { openFile, holders }
  })
}

function folderFinder(host: PluginHost): (place: Place) => HostFolder {
  return ({ directory }) => {
    const found = host.directories.find(({ guestPath }) => guestPath === directory)
    if (found !== undefined) return host.folder(found.hostPath)
    throw new WasmshError('ERR_WASMSH_PLUGIN_STATE', `The guest has no directory "${directory}"`)
  }
}
