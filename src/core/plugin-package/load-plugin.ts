import { pathToFileURL } from 'node:url'
import { WasmshError } from '../errors.js'
import type { AnyPlugin } from '../plugin.js'
import { requirePlugin } from '../plugin-host/registry.js'
import { freshUrl } from './fresh-module.js'
import type { PluginOrigin } from './plugin-origin.js'

/** A module that does not come to its end within so long is given up. */
const importLimitMs = 30_000

export interface LoadOptions {
  /** Runs the plugin's own modules anew although they were loaded before. */
  readonly fresh?: boolean
}

/**
 * Imports the module of a plugin, an ES module that exports the plugin as `default` or as `plugin`,
 * and checks it against the contract.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_LOAD, ERR_WASMSH_PLUGIN_INVALID, ERR_WASMSH_PLUGIN_API,
 *   ERR_WASMSH_PLUGIN_TIMEOUT
 */
export async function loadPlugin(
  { file }: PluginOrigin,
  options: LoadOptions = {},
): Promise<AnyPlugin> {
  if (file === null) {
    throw new WasmshError('ERR_WASMSH_PLUGIN_LOAD', 'The plugin was not loaded from a module')
  }
  const exported = await importModule(file, options.fresh === true)
  const found = exported['default'] ?? exported['plugin']
  if (typeof found !== 'object' || found === null) {
    const names = Object.keys(exported)
    throw new WasmshError('ERR_WASMSH_PLUGIN_INVALID', `${file} exports no plugin`, {
      hint: `Export it as default, or as "plugin"; ${names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`}.`,
    })
  }
  requirePlugin(found as AnyPlugin)
  return found as AnyPlugin
}

/** The error for a class that a plugin has already. */
export function alreadyLoaded(name: string, before: PluginOrigin, now: PluginOrigin): WasmshError {
  const isSame = before.file !== null && before.file === now.file
  const hint = isSame
    ? `Take its new code with "plugin reload ${name}".`
    : before.kind === 'built-in'
      ? `Leave out the one of wasmsh: --no-plugin ${name}.`
      : 'Load only one of the two.'
  const which = isSame ? 'is loaded already' : `belongs to the one from ${describeOrigin(before)}`
  return new WasmshError(
    'ERR_WASMSH_PLUGIN_CONFLICT',
    `Plugin "${name}" cannot be loaded: ${isSame ? 'it' : 'its name'} ${which}`,
    { hint },
  )
}

/** "wasmsh", "a program", or the module. */
export function describeOrigin({ kind, file }: PluginOrigin): string {
  return kind === 'built-in' ? 'wasmsh' : (file ?? 'a program')
}

/** Imports an ES module of a plugin's package.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_LOAD, ERR_WASMSH_PLUGIN_TIMEOUT */
export async function importModule(
  file: string,
  fresh: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const plain = pathToFileURL(file)
  const url = fresh ? freshUrl(plain) : plain
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new WasmshError(
          'ERR_WASMSH_PLUGIN_TIMEOUT',
          `${file} has not come to its end within ${importLimitMs / 1000} s`,
        ),
      )
    }, importLimitMs)
  })
  try {
    return await Promise.race([import(url.href) as Promise<Record<string, unknown>>, limit])
  } catch (error) {
    throw loadError(file, error)
  } finally {
    clearTimeout(timer)
  }
}

/** Why a module could not be run, with what to do about the usual reasons. */
function loadError(file: string, error: unknown): WasmshError {
  if (error instanceof WasmshError) return error
  const {
    name = 'Error',
    message = String(error),
    code,
  } = Object(error) as Partial<Error> & {
    readonly code?: string
  }
  const [, missing] = /Cannot find package '([^']+)'/.exec(message) ?? []
  const hint =
    missing !== undefined
      ? `Install what it needs where it is: "npm install" or "npm install ${missing}".`
      : code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? 'Build the package to JavaScript first.'
        : undefined
  const reason = name === 'Error' ? message : `${name}: ${message}`
  return new WasmshError('ERR_WASMSH_PLUGIN_LOAD', `${file} cannot be loaded: ${reason}`, {
    cause: error,
    resource: file,
    ...(hint === undefined ? {} : { hint }),
  })
}
