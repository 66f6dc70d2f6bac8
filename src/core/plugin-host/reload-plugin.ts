import { WasmshError } from '../errors.js'
import { pauseGuests } from '../group/group-pause.js'
import type { Guest } from '../guest/guest.js'
import { isFinal, isParked } from '../guest/guest-state.js'
import type { AnyPlugin } from '../plugin.js'
import { findPlugin } from '../plugin-package/find-plugin.js'
import { loadPlugin } from '../plugin-package/load-plugin.js'
import type { PluginRegistry } from './registry.js'

/** What a reload did. */
export interface ReloadReport {
  readonly plugin: AnyPlugin
  /** State versions before and after. */
  readonly from: number
  readonly to: number
  /** Names of the guests that the new code took over for. */
  readonly guests: readonly string[]
}

/** Loads a plugin's code anew; see Shell.reloadPlugin. */
export async function reloadPlugin(
  registry: PluginRegistry,
  guests: readonly Guest[],
  name: string,
  check: (plugins: readonly AnyPlugin[]) => void,
): Promise<ReloadReport> {
  const old = registry.find(name)
  if (old === undefined) {
    throw new WasmshError('ERR_WASMSH_PLUGIN_UNKNOWN', `No plugin "${name}" is loaded`)
  }
  const before = registry.originOf(name)
  if (before.file === null) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_RELOAD',
      `Plugin "${name}" cannot be loaded again: it ${before.kind === 'built-in' ? 'is part of wasmsh' : 'was handed over by a program'}`,
      { hint: 'Only plugins from packages and files can.' },
    )
  }
  // The package may name another module by now.
  const origin = findPlugin({
    name: before.kind === 'package' ? (before.folder ?? before.file) : before.file,
    directory: process.cwd(),
  })
  const plugin = await loadPlugin(origin, { fresh: true })
  const tracked = guests.filter((guest) => !isFinal(guest.state) && guest.isTrackedBy(name))
  requireAlike(old, plugin, tracked)
  check(registry.with(plugin))
  const report = { plugin, from: old.state.version, to: plugin.state.version }
  const taken = await takeOver(tracked, plugin)
  registry.replace(plugin)
  registry.noteOrigin(name, origin)
  return { ...report, guests: taken }
}

/** Guests are bound to what the old code claimed when they started. */
function requireAlike(old: AnyPlugin, plugin: AnyPlugin, tracked: readonly Guest[]): void {
  const refuse = (reason: string): never => {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_RELOAD',
      `Plugin "${old.name}" cannot take over: ${reason}`,
    )
  }
  if (plugin.name !== old.name) refuse(`its class is "${plugin.name}" now`)
  const [first] = tracked
  if (first === undefined) return
  for (const part of ['dependsOn', 'creates'] as const) {
    if (JSON.stringify(old[part]) === JSON.stringify(plugin[part])) continue
    refuse(`its ${part} has changed since guest "${first.name}" was started`)
  }
}

/** Has new code take over for all guests or for none. */
async function takeOver(guests: readonly Guest[], plugin: AnyPlugin): Promise<readonly string[]> {
  const prepared: {
    readonly guest: Guest
    readonly takeOver: Awaited<ReturnType<Guest['prepareTakeOver']>>
  }[] = []
  const running = guests.filter(({ state }) => !isParked(state))
  try {
    await pauseGuests(running, { skipEnded: true })
    for (const guest of guests) {
      // It has ended by itself: there is nothing to take over.
      if (isFinal(guest.state)) continue
      prepared.push({ guest, takeOver: await guest.prepareTakeOver(plugin) })
    }
    for (const { takeOver: one } of prepared) one.commit()
    for (const { takeOver: one } of prepared) await one.finish()
    return prepared.map(({ guest }) => guest.name)
  } catch (error) {
    for (const { takeOver: one } of prepared.reverse()) await one.undo()
    throw error
  } finally {
    for (const guest of running) if (guest.state === 'paused') guest.resume()
  }
}
