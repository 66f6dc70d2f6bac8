import { WasmshError } from '../errors.js'
import type { Json, StateSchema } from '../plugin.js'

/**
 * Brings a stored state up to the schema's version and checks it.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_STATE_TOO_NEW, ERR_WASMSH_PLUGIN_STATE
 */
export function upgradeState<State>(
  schema: StateSchema<State>,
  stored: { readonly version: number; readonly state: Json },
  plugin: string,
): State {
  if (stored.version > schema.version) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_STATE_TOO_NEW',
      `The snapshot holds state ${stored.version} of plugin "${plugin}"; the one that is loaded reads up to ${schema.version}`,
    )
  }
  let { state } = stored
  for (let version = stored.version; version < schema.version; version++) {
    const migrate = schema.migrations[version]
    if (migrate === undefined) {
      throw wrong(plugin, `there is no migration from version ${version} to ${version + 1}`)
    }
    try {
      state = migrate(state)
    } catch (error) {
      throw wrong(plugin, `it cannot be migrated from version ${version}: ${text(error)}`, error)
    }
  }
  return parseState(schema, state, plugin)
}

/** Checks a state of the schema's own version.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_STATE */
export function parseState<State>(schema: StateSchema<State>, state: Json, plugin: string): State {
  try {
    return schema.parse(state)
  } catch (error) {
    throw wrong(plugin, text(error), error)
  }
}

/** Formats a state as it is stored. What cannot be read back must not be stored.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_STATE */
export function formatState<State>(schema: StateSchema<State>, state: State, plugin: string): Json {
  let stored: Json
  try {
    stored = JSON.parse(JSON.stringify(schema.format(state))) as Json
  } catch (error) {
    throw wrong(plugin, `it cannot be stored: ${text(error)}`, error)
  }
  parseState(schema, stored, plugin)
  return stored
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function wrong(plugin: string, reason: string, cause?: unknown): WasmshError {
  return new WasmshError(
    'ERR_WASMSH_PLUGIN_STATE',
    `The state of plugin "${plugin}" is not valid: ${reason}`,
    { cause },
  )
}
