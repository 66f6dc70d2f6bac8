import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Guest, openShell, type RunOptions, type Shell } from '../../../src/index.js'
import { Pipes } from '../../../src/plugins/ipc/pipes.js'
import { Collected } from '../../support/collected.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

/** A shell with pipes. */
export interface Bench extends AsyncDisposable {
  readonly shell: Shell
  readonly folder: string
  readonly pipes: Pipes
  run(wat: string, options: RunOptions): Promise<Guest>
}

export async function bench(): Promise<Bench> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store') })
  return {
    shell,
    folder: folder.path,
    pipes: pipesOf(shell),
    run: async (wat, options) =>
      await shell.run(await compileWat(wat), { stdin: 'null', ...options }),
    [Symbol.asyncDispose]: async () => {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

export function pipesOf(shell: Shell): Pipes {
  const shared = shell.shared('ipc')
  if (shared instanceof Pipes) return shared
  throw new Error('the shell has no pipes')
}

/** Waits for the end of a guest, and answers its exit code. */
export async function exitCode(guest: Guest): Promise<number> {
  const outcome = await guest.wait({ until: 'end' })
  return outcome.kind === 'ended' ? outcome.code : -1
}

export function collect(stream: Readable | null): Collected {
  return new Collected(stream)
}

/** Waits until something holds, which news does not tell of. */
export async function until(isReached: () => boolean): Promise<void> {
  const endMs = performance.now() + 8000
  while (!isReached()) {
    if (performance.now() > endMs) throw new Error('it never happens')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
