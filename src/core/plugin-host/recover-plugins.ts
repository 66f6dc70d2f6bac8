import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import type { NativeBinding } from '../native.js'
import type {
  AnyPlugin,
  Degradation,
  Descriptor,
  GroupContext,
  Json,
  PluginFlags,
  RecoverContext,
  ResourceId,
} from '../plugin.js'
import { findBlob } from '../snapshot/blobs.js'
import type { Manifest } from '../snapshot/manifest.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import {
  type Degradations,
  flagsOf,
  type GuestPlugins,
  type TrackedPlugin,
} from './guest-plugins.js'
import { runPhase } from './phase.js'
import type { PluginRegistry } from './registry.js'
import { storedState } from './stored-state.js'
import { upgradeState } from './upgrade-state.js'

export interface PluginRecoveryOptions {
  readonly flags: PluginFlags
  /** Plugins whose state is left out. */
  readonly without: readonly string[]
  readonly group: GroupContext | null
}

/** Resources in place, before the guest itself is made. */
export interface RecoveredPlugins {
  readonly degradations: Degradations
  /** As stored, with what plugins have adjusted. */
  readonly descriptors: readonly Descriptor[]
  readonly given: readonly { readonly fd: number; readonly hostFd: number }[]
}

/**
 * Has every class put its resources in place, in the order of their dependencies, then join them.
 * When one fails, what the others did is taken back.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_STATE and those of the plugins
 */
export async function recoverPlugins(
  binding: NativeBinding,
  plugins: GuestPlugins,
  stored: StoredSnapshot,
  descriptors: readonly Descriptor[],
  options: PluginRecoveryOptions,
): Promise<RecoveredPlugins> {
  const { manifest, directory } = stored.entry
  const kept = descriptors.filter(
    ({ kind, stream }) => kind !== 'provided' || !options.without.includes(stream),
  )
  const byNumber = new Map(descriptors.map((one) => [one.fd, one]))
  const changes = new Map<number, Partial<Descriptor>>()
  const given: { fd: number; hostFd: number }[] = []
  const begun: TrackedPlugin[] = []
  const degradations: Degradations[number][] = []
  const contextFor = ({ plugin }: TrackedPlugin): Omit<RecoverContext, 'signal' | 'progress'> => ({
    flags: flagsOf(plugin, 'recover', options.flags),
    descriptors,
    group: options.group,
    getBlob: (ref) => findBlob(directory, manifest, ref),
    adjust: (fd, change) => changes.set(fd, { ...changes.get(fd), ...change }),
    give: (fd, hostFd) => {
      given.push({ fd, hostFd })
      plugins.place(fd, plugin.name, descriptors)
    },
    reopen: (fd, file) => {
      plugins.files.reopen(plugin.name, byNumber.get(fd), fd, file)
    },
    lookup: (resourceClass, id) => lookUp(plugins, plugin, resourceClass, id) as never,
  })
  try {
    for (const tracked of plugins.tracked) {
      const { plugin, tracker } = tracked
      const listed = manifest.plugins.find(({ name }) => name === plugin.name)
      if (listed === undefined || options.without.includes(plugin.name)) continue
      const text = await readFile(join(directory, listed.file), 'utf8')
      const state = upgradeState(
        plugin.state,
        { version: listed.stateVersion, state: JSON.parse(text) as Json },
        plugin.name,
      )
      begun.push(tracked)
      const context = contextFor(tracked)
      const lost = await runPhase(
        plugin.name,
        'recover',
        context.flags,
        async (phase) => listOf(await tracker.recover(state, { ...context, ...phase })),
        plugins.limits.phaseMs,
      )
      degradations.push(...lost.map((one) => ({ ...one, plugin: plugin.name })))
    }
    for (const tracked of begun) {
      const { plugin, tracker } = tracked
      if (tracker.link === undefined) continue
      const context = contextFor(tracked)
      const lost = await runPhase(
        plugin.name,
        'link',
        context.flags,
        async (phase) => listOf((await tracker.link?.({ ...context, ...phase })) ?? []),
        plugins.limits.phaseMs,
      )
      degradations.push(...lost.map((one) => ({ ...one, plugin: plugin.name })))
    }
    plugins.files.requireReopened(kept)
  } catch (error) {
    closeGiven(binding, given)
    await undoPlugins(plugins)
    throw error
  }
  return {
    degradations: [...degradations, ...(await leftOut(plugins, stored, options.without))],
    descriptors: kept.map((one) => ({ ...one, ...changes.get(one.fd) })),
    given,
  }
}

/** Closes what plugins have given and nobody has taken. */
export function closeGiven(binding: NativeBinding, given: RecoveredPlugins['given']): void {
  for (const hostFd of new Set(given.map((one) => one.hostFd))) binding.closeDescriptor(hostFd)
}

function lookUp(plugins: GuestPlugins, user: AnyPlugin, name: string, id: ResourceId): unknown {
  if (user.dependsOn.includes(name)) return plugins.find(name)?.tracker.handle?.(id)
  throw new WasmshError(
    'ERR_WASMSH_PLUGIN_DEPENDENCY',
    `Plugin "${user.name}" looks up "${name}" without depending on it`,
  )
}

/** Plugins are not always written in TypeScript. */
function listOf(lost: readonly Degradation[]): readonly Degradation[] {
  if (Array.isArray(lost)) return lost
  throw new TypeError('it gave no list of what is lost')
}

/** Takes back what a recovery did that fails later on, the last one first. */
export async function undoPlugins(plugins: GuestPlugins): Promise<void> {
  for (const { tracker } of [...plugins.tracked].reverse()) {
    await tracker.undo?.().catch(() => undefined)
  }
  await plugins.dispose()
}

/** Refuses a snapshot whose plugins are not loaded.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_MISSING, ERR_WASMSH_OPTION_INVALID */
export function requirePlugins(
  plugins: Pick<PluginRegistry, 'find'>,
  manifest: Manifest,
  without: readonly string[],
): void {
  for (const { name } of manifest.plugins) {
    if (without.includes(name) || plugins.find(name) !== undefined) continue
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_MISSING',
      `Snapshot "${manifest.name}" has resources of plugin "${name}", which is not loaded`,
      { hint: `Load it, or recover without its resources: --without ${name}.` },
    )
  }
  const known = manifest.plugins.map(({ name }) => name)
  const stray = without.find((name) => !known.includes(name))
  if (stray === undefined) return
  throw new WasmshError(
    'ERR_WASMSH_OPTION_INVALID',
    `Snapshot "${manifest.name}" has no state of a plugin "${stray}"`,
    { hint: known.length === 0 ? 'It has none at all.' : `It has that of ${known.join(', ')}.` },
  )
}

/** What a recovery without plugins loses: by name where the plugin is there to say. */
async function leftOut(
  plugins: GuestPlugins,
  { entry: { directory, manifest } }: StoredSnapshot,
  without: readonly string[],
): Promise<Degradations> {
  const lost: Degradations[number][] = []
  for (const { name, stateVersion, file } of manifest.plugins) {
    if (!without.includes(name)) continue
    const reason = 'was left out'
    const plugin = plugins.find(name)?.plugin
    const named = plugin === undefined ? [] : await namesOf(directory, manifest, plugin)
    lost.push(...named.map((resource) => ({ plugin: name, resource, reason })))
    const bytes = manifest.files[file]?.bytes ?? 0
    const resource = `all of its state (version ${stateVersion}, ${bytes} bytes)`
    if (named.length === 0) lost.push({ plugin: name, resource, reason })
  }
  return lost
}

/** A state that cannot be read is often why it is left out. */
async function namesOf(
  directory: string,
  manifest: Manifest,
  plugin: AnyPlugin,
): Promise<readonly string[]> {
  try {
    const state = await storedState(directory, manifest, plugin)
    return (plugin.resources?.(state) ?? []).map(String)
  } catch {
    return []
  }
}
