import { WasmshError } from '../errors.js'
import type { AnyPlugin, Json } from '../plugin.js'
import type { Manifest } from '../snapshot/manifest.js'
import { readListed } from '../snapshot/snapshot-files.js'
import { upgradeState } from './upgrade-state.js'

/**
 * The state that a plugin has in a stored snapshot, brought up to its present version and checked;
 * null when the snapshot has none of it.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_STATE, ERR_WASMSH_PLUGIN_STATE_TOO_NEW and those of a
 *   damaged snapshot
 */
export async function storedState(
  directory: string,
  manifest: Manifest,
  plugin: AnyPlugin,
): Promise<unknown> {
  const listed = manifest.plugins.find(({ name }) => name === plugin.name)
  if (listed === undefined) return null
  const bytes = await readListed(directory, manifest, listed.file)
  const stored = { version: listed.stateVersion, state: parseJson(bytes, plugin.name) }
  return upgradeState(plugin.state, stored, plugin.name)
}

function parseJson(bytes: Uint8Array, plugin: string): Json {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Json
  } catch (error) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_STATE',
      `The state of plugin "${plugin}" is not valid: it is no JSON`,
      { cause: error },
    )
  }
}
