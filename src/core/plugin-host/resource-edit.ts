import type { Edit } from '../edit/edit.js'
import { WasmshError } from '../errors.js'
import type { Guest } from '../guest/guest.js'
import type { AnyPlugin } from '../plugin.js'
import type { PluginEdits, ResourceChange } from '../plugin-shell.js'
import { runPhase } from './phase.js'

/** A place that a plugin keeps: "files.fd[4].offset" is fd[4].offset of files. */
export interface ResourceTarget {
  readonly plugin: AnyPlugin
  /** What follows the point. */
  readonly place: string
}

/** Finds the plugin that a target belongs to; null for the core's own places and for none. */
export function findTarget(text: string, plugins: readonly AnyPlugin[]): ResourceTarget | null {
  const [, name, place] = /^([a-z][a-z0-9-]*)\.\s*(\S[\s\S]*)$/.exec(text.trim()) ?? []
  const plugin = plugins.find((one) => one.name === name)
  return plugin === undefined || place === undefined ? null : { plugin, place: place.trim() }
}

/** What a plugin offers to change.
 *  @throws WasmshError ERR_WASMSH_EDIT_TARGET when that is nothing */
// biome-ignore lint/suspicious/noExplicitAny: the tracker is the plugin's own
export function editsOf({ plugin, place }: ResourceTarget): PluginEdits<any> {
  if (plugin.edits !== undefined) return plugin.edits
  throw new WasmshError(
    'ERR_WASMSH_EDIT_TARGET',
    `Plugin "${plugin.name}" has nothing that can be set; there is no "${plugin.name}.${place}"`,
  )
}

/**
 * Has a plugin change something of a guest that stands still.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_TARGET, ERR_WASMSH_PLUGIN_FAILED, ERR_WASMSH_PLUGIN_TIMEOUT,
 *   and what the plugin threw as one
 */
export async function editResource(
  guest: Guest,
  target: ResourceTarget,
  value: string,
): Promise<Edit> {
  const { plugin, place } = target
  const edits = editsOf(target)
  const tracker = guest.tracker(plugin.name)
  if (tracker === undefined) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_GUEST',
      `Guest "${guest.name}" was started without plugin "${plugin.name}"`,
      { guest: guest.name },
    )
  }
  const change = await runEdit(target, () =>
    edits.edit({ kind: 'guest', guest, tracker }, place, value),
  )
  return toEdit(target, change)
}

/** Runs an edit of a plugin. An Error that is no mistake of its code says what cannot be done.
 *  @throws WasmshError as editResource */
export async function runEdit<Change extends ResourceChange>(
  { plugin, place }: ResourceTarget,
  edit: () => Change | Promise<Change>,
): Promise<Change> {
  const name = `${plugin.name}.${place}`
  return await runPhase(plugin.name, `setting "${name}"`, {}, async () => {
    try {
      return requireChange(await edit())
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error
      const message = `"${name}" cannot be set: ${error.message}`
      throw new WasmshError('ERR_WASMSH_EDIT_TARGET', message, {
        cause: error,
        hint: '"help set" lists what can be set.',
      })
    }
  })
}

/** The record of a change. */
export function toEdit({ plugin, place }: ResourceTarget, change: ResourceChange): Edit {
  return {
    target: `${plugin.name}.${place}`,
    type: 'resource',
    old: change.old,
    new: change.new,
  }
}

/** What a plugin answers goes into manifests, so it has to be what it promises. */
function requireChange<Change extends ResourceChange>(change: Change): Change {
  if (typeof change?.old === 'string' && typeof change.new === 'string') return change
  throw new TypeError('it did not answer the old and the new value as text')
}
