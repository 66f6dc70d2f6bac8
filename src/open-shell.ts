import { openShell as openBareShell, type Shell, type ShellOptions } from './core/shell.js'
import { builtInPlugins } from './plugins/index.js'

/** Opens the one shell of this process, with the plugins that wasmsh comes with unless others are
 *  given.
 *  @throws WasmshError ERR_WASMSH_NATIVE_MISSING, ERR_WASMSH_SHELL_OPEN and those of plugins */
export async function openShell(options: ShellOptions = {}): Promise<Shell> {
  return await openBareShell({ plugins: builtInPlugins, ...options })
}
