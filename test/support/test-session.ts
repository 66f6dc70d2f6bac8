import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import type { AnyPlugin } from '../../src/core/plugin.js'
import { openShell, type Shell, type ShellOptions } from '../../src/core/shell.js'
import { completeLine } from '../../src/shell/completion.js'
import { executeLine } from '../../src/shell/execute.js'
import { Output } from '../../src/shell/output.js'
import { presentOutcome } from '../../src/shell/present.js'
import { createScope } from '../../src/shell/scope.js'
import { Session } from '../../src/shell/session.js'
import { TerminalInput } from '../../src/shell/terminal-input.js'
import { createVocabulary } from '../../src/shell/vocabulary.js'
import { temporaryDirectory } from './temporary-directory.js'

/** A shell in this process that lines are given to one by one. */
export interface TestSession extends AsyncDisposable {
  readonly session: Session
  readonly shell: Shell
  /** A folder of its own; the store is in it. */
  readonly folder: string
  /** Runs a line and answers what it printed. */
  line(text: string): Promise<string>
  /** The same with --json. */
  json(text: string): Promise<unknown>
  complete(text: string): Promise<readonly string[]>
}

export async function openTestSession(
  plugins: readonly AnyPlugin[],
  options: Pick<ShellOptions, 'pluginLimits' | 'compiler'> = {},
): Promise<TestSession> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store'), plugins, ...options })
  let printed: Uint8Array[] = []
  const stdout = sink((bytes) => printed.push(bytes))
  const stderr = sink(() => {})
  const output = new Output({ stdout, stderr, isJson: false, environment: { NO_COLOR: '1' } })
  const session = new Session({
    shell,
    createVocabulary,
    output,
    input: new TerminalInput('none', new PassThrough()),
    isDebug: false,
    isQuiet: false,
    hasPrompt: true,
    withoutPlugins: [],
    createEvaluator: (one) => createScope(one, null),
  })
  const line = async (text: string): Promise<string> => {
    printed = []
    await presentOutcome(session, await executeLine(session, text, { file: 'test', line: 1 }))
    return Buffer.concat(printed).toString().trimEnd()
  }
  return {
    session,
    shell,
    folder: folder.path,
    line,
    json: async (text) => JSON.parse(await line(`${text} --json`)) as unknown,
    complete: async (text) => (await completeLine(session, text))[0],
    [Symbol.asyncDispose]: async () => {
      await shell.close()
      if (session.hasEvaluator) (await session.evaluator()).close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A stream that takes all there is: one that fills up would hold back the guest, whose end a line
 *  waits for. */
function sink(take: (bytes: Uint8Array) => void): Writable {
  return new Writable({
    write: (bytes: Uint8Array, _encoding, done) => {
      take(bytes)
      done()
    },
  })
}
