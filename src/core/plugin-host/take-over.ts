import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import type { NativeBinding } from '../native.js'
import type {
  AnyPlugin,
  BlobFile,
  BlobRef,
  Descriptor,
  ProvidedFile,
  RecoverContext,
  ResourceTracker,
} from '../plugin.js'
import type { TrackedPlugin } from './guest-plugins.js'
import { runPhase } from './phase.js'
import { takeState } from './take-state.js'
import { formatState, upgradeState } from './upgrade-state.js'

type Tracker = ResourceTracker<unknown>

/** New code of a plugin that stands ready to take over from the old one for one guest. */
export interface TakeOver {
  readonly tracker: Tracker
  /** Lets go of the old tracker: the new one has its place. */
  finish(): Promise<void>
  /** Lets go of the new tracker: the old one goes on. */
  undo(): Promise<void>
}

export interface TakeOverServices {
  readonly binding: NativeBinding
  readonly at: bigint
  readonly descriptors: readonly Descriptor[]
  /** Another class's tracker, for lookup. */
  find(name: string): Tracker | undefined
  reopen(fd: number, file: ProvidedFile): void
}

/**
 * Hands the state of a guest's old tracker over to one of new code, by way of what a snapshot would
 * store: format, migrations and all. The guest has to stand still.
 *
 * @throws WasmshError of the plugin; the old tracker then goes on as if nothing had happened
 */
export async function prepareTakeOver(
  old: TrackedPlugin,
  plugin: AnyPlugin,
  track: () => Tracker,
  services: TakeOverServices,
): Promise<TakeOver> {
  const taken = await takeState(old, services)
  let tracker: Tracker | null = null
  const undo = async (): Promise<void> => {
    await tracker?.undo?.().catch(() => undefined)
    await tracker?.dispose().catch(() => undefined)
    await taken.done()
  }
  try {
    const stored = {
      version: old.plugin.state.version,
      state: formatState(old.plugin.state, taken.state, plugin.name),
    }
    const state = upgradeState(plugin.state, stored, plugin.name)
    const made = track()
    tracker = made
    await putInPlace(plugin, made, state, taken.directory, services)
    return {
      tracker: made,
      undo,
      finish: async () => {
        await old.tracker.dispose().catch(() => undefined)
        await made.resume?.().catch(() => undefined)
        await taken.done()
      },
    }
  } catch (error) {
    await undo()
    throw error
  }
}

async function putInPlace(
  plugin: AnyPlugin,
  tracker: Tracker,
  state: unknown,
  directory: string,
  services: TakeOverServices,
): Promise<void> {
  const { binding, descriptors } = services
  const files = new Map<BlobRef, BlobFile>()
  for (const ref of blobsIn(plugin.state.format(state))) {
    const path = join(directory, `blob-${ref.slice('sha256:'.length)}`)
    const found = await stat(path).catch(() => null)
    if (found !== null) files.set(ref, { path, bytes: found.size })
  }
  const given = new Set<number>()
  const context: Omit<RecoverContext, 'signal' | 'progress'> = {
    flags: {},
    descriptors,
    group: null,
    getBlob: (ref) => {
      const file = files.get(ref)
      if (file !== undefined) return file
      throw new WasmshError('ERR_WASMSH_PLUGIN_STATE', `There is no blob ${ref}`)
    },
    // The guest has its descriptors already.
    adjust: () => undefined,
    give: (_, hostFd) => given.add(hostFd),
    reopen: (fd, file) => services.reopen(fd, file),
    lookup: (resourceClass, id) => services.find(resourceClass)?.handle?.(id) as never,
  }
  const phase = `taking over from the code before`
  const recover = runPhase(plugin.name, phase, {}, async (running) => [
    ...(await tracker.recover(state, { ...context, ...running })),
    ...((await tracker.link?.({ ...context, ...running })) ?? []),
  ])
  const lost = await recover.finally(() => {
    for (const hostFd of given) binding.closeDescriptor(hostFd)
  })
  const [first] = lost
  if (first === undefined) return
  throw new WasmshError(
    'ERR_WASMSH_PLUGIN_RELOAD',
    `Plugin "${plugin.name}" would lose ${first.resource}: ${first.reason}`,
  )
}

/** Blobs that a stored state names, wherever it does. */
function blobsIn(json: unknown): readonly BlobRef[] {
  const text = JSON.stringify(json) ?? ''
  return [...text.matchAll(/sha256:[0-9a-f]{64}/g)].map(([ref]) => ref as BlobRef)
}
