import { join } from 'node:path'
import { type Guest, openShell, type RunOptions, type Shell } from '../../src/index.js'
import { temporaryDirectory } from './temporary-directory.js'
import { compileWat } from './wat.js'

/** A shell of its own for one test; its guests and its store end with it. */
export interface ShellBench extends AsyncDisposable {
  readonly shell: Shell
  readonly folder: string
  /** Runs a guest that is given as text. */
  run(wat: string, options?: RunOptions): Promise<Guest>
}

/** Opens one: `await using bench = await shellBench()`. */
export async function shellBench(): Promise<ShellBench> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store') })
  return {
    shell,
    folder: folder.path,
    run: async (wat, options = {}) => await shell.run(await compileWat(wat), options),
    async [Symbol.asyncDispose]() {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Waits until something holds, letting everything else go on meanwhile. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}
