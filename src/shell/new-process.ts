import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { WasmshError } from '../core/errors.js'
import { exitCodes } from './exit-codes.js'
import type { Session } from './session.js'

/** Quotes a word so that the command language takes it as it is. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Paths by which another process can load the plugins that this shell has loaded. */
export function pluginPaths({ shell }: Session): readonly string[] {
  const origins = shell.plugins.all().map(({ name }) => shell.plugins.originOf(name))
  return origins.flatMap(({ kind, folder, file }) => {
    const path = kind === 'package' ? folder : file
    return path === null ? [] : [path]
  })
}

/** Options that give another wasmsh the plugins of this one. */
function pluginWords(session: Session): readonly string[] {
  return [
    ...session.withoutPlugins.map((name) => `--no-plugin=${name}`),
    ...pluginPaths(session).map((path) => `--plugin=${path}`),
  ]
}

/**
 * Runs one command in a wasmsh of its own, with the same store, and passes on what it writes.
 *
 * @returns the process's number and its exit code
 */
export async function runElsewhere(
  session: Session,
  words: readonly string[],
): Promise<{ process: number; exitCode: number }> {
  const program = process.argv[1] ?? fileURLToPath(import.meta.url)
  const line = words.map(quoteWord).join(' ')
  const child = spawn(
    process.execPath,
    [...process.execArgv, program, ...pluginWords(session), '--batch', '--quiet', '-c', line],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WASMSH_HOME: session.shell.store.home },
    },
  )
  const stop = () => child.kill('SIGTERM')
  session.signal.addEventListener('abort', stop, { once: true })
  session.passOn(child.stdout, 'stdout')
  session.passOn(child.stderr, 'stderr')
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
      (resolve, reject) => {
        child.once('error', reject)
        child.once('close', (...ending) => resolve(ending))
      },
    )
    session.throwIfInterrupted()
    const exitCode = code ?? exitCodes.signal + (signal === null ? 0 : constants.signals[signal])
    return { process: child.pid ?? 0, exitCode }
  } catch (error) {
    if (error instanceof WasmshError) throw error
    throw new WasmshError('ERR_WASMSH_PROCESS_START', 'Another wasmsh could not be started', {
      cause: error,
    })
  } finally {
    session.signal.removeEventListener('abort', stop)
  }
}
