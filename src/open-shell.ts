import { WasmshError } from './core/errors.js'
import { didYouMean } from './core/near.js'
import { fromProgram } from './core/plugin-package/plugin-origin.js'
import { openShell as openBareShell, type Shell, type ShellOptions } from './core/shell.js'
import { productVersion } from './core/version.js'
import { builtInPlugins } from './plugins/index.js'

export interface OpenOptions extends ShellOptions {
  /** Classes of wasmsh's own that are left out. */
  readonly withoutPlugins?: readonly string[]
}

/** Opens the one shell of this process, with the plugins that wasmsh comes with unless others are
 *  given.
 *  @throws WasmshError ERR_WASMSH_NATIVE_MISSING, ERR_WASMSH_SHELL_OPEN, ERR_WASMSH_PLUGIN_UNKNOWN and
 *    those of plugins */
export async function openShell(options: OpenOptions = {}): Promise<Shell> {
  const { withoutPlugins = [], ...rest } = options
  const names = builtInPlugins.map(({ name }) => name)
  const stranger = withoutPlugins.find((name) => !names.includes(name))
  if (stranger !== undefined) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_UNKNOWN',
      `wasmsh has no plugin "${stranger}" of its own`,
      {
        hint: didYouMean(stranger, names, `It has ${names.join(', ')}.`),
      },
    )
  }
  const plugins = builtInPlugins.filter(({ name }) => !withoutPlugins.includes(name))
  const shell = await openBareShell({ plugins, ...rest })
  const origin = { ...fromProgram, package: 'wasmsh', version: productVersion() }
  for (const { name } of plugins) {
    if (options.plugins === undefined)
      shell.plugins.noteOrigin(name, { ...origin, kind: 'built-in' })
  }
  return shell
}
