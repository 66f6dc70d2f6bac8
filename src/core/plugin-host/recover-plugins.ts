import { WasmshError } from '../errors.js'
import type { NativeBinding } from '../native.js'
import type { AnyPlugin, Descriptor } from '../plugin.js'
import type { Manifest } from '../snapshot/manifest.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import type { Degradations, GuestPlugins } from './guest-plugins.js'
import {
  type GivenDescriptor,
  PluginRecovery,
  type PluginRecoveryOptions,
} from './plugin-recovery.js'
import type { PluginRegistry } from './registry.js'
import { storedState } from './stored-state.js'

/** Resources in place, before the guest itself is made. */
export interface RecoveredPlugins {
  readonly degradations: Degradations
  /** As stored, with what plugins have adjusted. */
  readonly descriptors: readonly Descriptor[]
  readonly given: readonly GivenDescriptor[]
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
  const recovery = new PluginRecovery(plugins, stored, descriptors, options)
  try {
    await recovery.recover()
    await recovery.link()
    const { degradations, given } = recovery
    return {
      degradations: [...degradations, ...(await leftOut(plugins, stored, options.without))],
      descriptors: recovery.descriptors(),
      given,
    }
  } catch (error) {
    closeGiven(binding, recovery.given)
    await undoPlugins(plugins)
    throw error
  }
}

/** Closes what plugins have given and nobody has taken. */
export function closeGiven(binding: NativeBinding, given: RecoveredPlugins['given']): void {
  for (const hostFd of new Set(given.map((one) => one.hostFd))) binding.closeDescriptor(hostFd)
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
