import { WasmshError } from '../errors.js'
import type {
  AnyPlugin,
  Degradation,
  Descriptor,
  GroupContext,
  PluginFlags,
  RecoverContext,
  ResourceId,
} from '../plugin.js'
import { findBlob } from '../snapshot/blobs.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import {
  type Degradations,
  flagsOf,
  type GuestPlugins,
  type TrackedPlugin,
} from './guest-plugins.js'
import { runPhase } from './phase.js'
import { storedState } from './stored-state.js'

export interface PluginRecoveryOptions {
  readonly flags: PluginFlags
  /** Plugins whose state is left out. */
  readonly without: readonly string[]
  readonly group: GroupContext | null
}

/** A descriptor of the host that a plugin has put behind one of the guest's. */
export interface GivenDescriptor {
  readonly fd: number
  readonly hostFd: number
}

/** One recovery of the resources of all classes, phase by phase, and what has come of it so far. */
export class PluginRecovery {
  readonly given: GivenDescriptor[] = []
  readonly degradations: Degradations[number][] = []
  readonly #plugins: GuestPlugins
  readonly #stored: StoredSnapshot
  readonly #options: PluginRecoveryOptions
  /** As they were stored. */
  readonly #descriptors: readonly Descriptor[]
  readonly #byNumber: ReadonlyMap<number, Descriptor>
  readonly #changes = new Map<number, Partial<Descriptor>>()
  /** Those that have state in the snapshot, in the order of their dependencies. */
  readonly #taken: readonly TrackedPlugin[]

  constructor(
    plugins: GuestPlugins,
    stored: StoredSnapshot,
    descriptors: readonly Descriptor[],
    options: PluginRecoveryOptions,
  ) {
    this.#plugins = plugins
    this.#stored = stored
    this.#options = options
    this.#descriptors = descriptors
    this.#byNumber = new Map(descriptors.map((one) => [one.fd, one]))
    const listed = new Set(stored.entry.manifest.plugins.map(({ name }) => name))
    this.#taken = plugins.tracked.filter(
      ({ plugin: { name } }) => listed.has(name) && !options.without.includes(name),
    )
  }

  /** Each class puts its resources in place. */
  async recover(): Promise<void> {
    const { directory, manifest } = this.#stored.entry
    for (const { plugin, tracker } of this.#taken) {
      const state = await storedState(directory, manifest, plugin)
      await this.#run('recover', plugin, (context) => tracker.recover(state, context))
    }
  }

  /** Each class joins its resources to those of others, which are there now. */
  async link(): Promise<void> {
    for (const { plugin, tracker } of this.#taken) {
      if (tracker.link === undefined) continue
      await this.#run('link', plugin, async (context) => (await tracker.link?.(context)) ?? [])
    }
  }

  /** The descriptors that the guest has, as plugins have adjusted them.
   *  @throws WasmshError when a file of a plugin's was not put behind one again */
  descriptors(): readonly Descriptor[] {
    const { without } = this.#options
    const kept = this.#descriptors.filter(
      ({ kind, stream }) => kind !== 'provided' || !without.includes(stream),
    )
    this.#plugins.files.requireReopened(kept)
    return kept.map((one) => ({ ...one, ...this.#changes.get(one.fd) }))
  }

  async #run(
    phase: 'recover' | 'link',
    plugin: AnyPlugin,
    call: (context: RecoverContext) => Promise<readonly Degradation[]>,
  ): Promise<void> {
    const context = this.#contextFor(plugin)
    const lost = await runPhase(
      plugin.name,
      phase,
      context.flags,
      async (watch) => listOf(await call({ ...context, ...watch })),
      this.#plugins.limits.phaseMs,
    )
    this.degradations.push(...lost.map((one) => ({ ...one, plugin: plugin.name })))
  }

  #contextFor(plugin: AnyPlugin): Omit<RecoverContext, 'signal' | 'progress'> {
    const { directory, manifest } = this.#stored.entry
    const { flags, group } = this.#options
    return {
      flags: flagsOf(plugin, 'recover', flags),
      descriptors: this.#descriptors,
      group,
      getBlob: (ref) => findBlob(directory, manifest, ref),
      adjust: (fd, change) => this.#changes.set(fd, { ...this.#changes.get(fd), ...change }),
      give: (fd, hostFd) => {
        this.given.push({ fd, hostFd })
        this.#plugins.place(fd, plugin.name, this.#descriptors)
      },
      reopen: (fd, file) => {
        this.#plugins.files.reopen(plugin.name, this.#byNumber.get(fd), fd, file)
      },
      lookup: (resourceClass, id) => this.#lookUp(plugin, resourceClass, id) as never,
    }
  }

  #lookUp(user: AnyPlugin, name: string, id: ResourceId): unknown {
    if (user.dependsOn.includes(name)) return this.#plugins.find(name)?.tracker.handle?.(id)
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_DEPENDENCY',
      `Plugin "${user.name}" looks up "${name}" without depending on it`,
    )
  }
}

/** Plugins are not always written in TypeScript. */
function listOf(lost: readonly Degradation[]): readonly Degradation[] {
  if (Array.isArray(lost)) return lost
  throw new TypeError('it gave no list of what is lost')
}
