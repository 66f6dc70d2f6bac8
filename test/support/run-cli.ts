import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { checkout, cliCommand } from './cli-command.js'

export { checkout }

export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  /** Folder of the store. */
  readonly home: string
  /** Written to standard input, which then ends. */
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Starts wasmsh as a program of its own. */
export function startCli(
  args: readonly string[],
  options: Pick<CliOptions, 'home' | 'env'>,
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...cliCommand(), ...args], {
    cwd: checkout,
    env: { ...process.env, NO_COLOR: '1', WASMSH_HOME: options.home, ...options.env },
  })
}

/** Runs wasmsh as a program of its own, to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = startCli(args, options)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes))
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (...ending) => resolve(ending))
  })
  return {
    code,
    signal,
    stdout: Buffer.concat(stdout).toString('utf8'),
    stderr: Buffer.concat(stderr).toString('utf8'),
  }
}

/** The JSON values of an output, one a line. */
export function jsonLines(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}
