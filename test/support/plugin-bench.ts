import { join } from 'node:path'
import type { AnyPlugin } from '../../src/core/plugin.js'
import { openShell, type Shell, type ShellOptions } from '../../src/core/shell.js'
import { temporaryDirectory } from './temporary-directory.js'

/** A shell with some plugins and a store of its own. */
export interface PluginBench extends AsyncDisposable {
  readonly shell: Shell
  /** A folder of the test's own. */
  readonly folder: string
  /** Closes the shell and opens another one over the same store: as in another process. */
  reopen(...plugins: readonly AnyPlugin[]): Promise<Shell>
}

export async function pluginBench(
  plugins: readonly AnyPlugin[],
  options: ShellOptions = {},
): Promise<PluginBench> {
  const folder = await temporaryDirectory()
  const home = join(folder.path, 'home')
  let shell = await openShell({ home, plugins, ...options })
  return {
    get shell() {
      return shell
    },
    folder: folder.path,
    async reopen(...others) {
      await shell.close()
      shell = await openShell({ home, ...options, plugins: others })
      return shell
    },
    async [Symbol.asyncDispose]() {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
