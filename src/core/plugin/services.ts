/**
 * Services that plugins offer to plugins that depend on them: host.use('files').provide(...). A plugin
 * adds its own to PluginServices by declaration merging.
 */
import type { FileProvider } from './file-provider.js'

/** What the files plugin offers, for one guest. */
export interface FilesService {
  /**
   * Puts a provider behind a path of the guest, whether there is a file or not. The path has to be
   * below one of the guest's directories for the guest to reach it. Only in `track`: what a guest
   * finds is settled before it starts.
   *
   * @throws WasmshError ERR_WASMSH_PLUGIN_INVALID for a path that is not absolute or not plain,
   *   ERR_WASMSH_PLUGIN_CONFLICT for one that is taken
   */
  provide(path: string, provider: FileProvider): void
}

export interface PluginServices {
  files: FilesService
}

/** The plugin that uses a service. */
export interface ServiceUser {
  readonly name: string
}
