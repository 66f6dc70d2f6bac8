import { openShell, type Shell } from '../../src/index.js'
import { temporaryDirectory } from './temporary-directory.js'

/** A shell whose home is a folder of its own; both end with it. */
export interface ShellInFolder extends AsyncDisposable {
  readonly shell: Shell
  readonly home: string
}

export async function shellInFolder(): Promise<ShellInFolder> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: folder.path })
  return {
    shell,
    home: folder.path,
    [Symbol.asyncDispose]: async () => {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
