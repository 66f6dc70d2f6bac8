/** Guests of a sweep's child processes. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Guest, Outcome, RunOptions, Shell } from '../../src/index.js'
import { Collected } from './collected.js'
import { openWithCode } from './shell-with-code.js'
import type { Ending, SweepProgram } from './sweep-job.js'
import { treeOf } from './sweep-tree.js'

/** A guest, its output so far and its directory on the host, "" without one. */
export interface Running {
  readonly guest: Guest
  readonly stdout: Collected
  readonly stderr: Collected
  readonly directory: string
}

/** Collects what a guest writes. */
export function watch(guest: Guest, directory: string): Running {
  const stdout = new Collected(guest.stdout)
  return { guest, stdout, stderr: new Collected(guest.stderr), directory }
}

/** Makes the directory of a program, with its files; "" for a program without one. */
export function makeDirectory({ files }: Pick<SweepProgram, 'files'>, home: string): string {
  if (files === undefined) return ''
  const directory = mkdtempSync(join(home, 'data-'))
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return directory
}

/** Copies a guest's directory to a new path; "" for a guest without one. */
export function copyOf(directory: string, home: string): string {
  if (directory === '') return ''
  const copy = mkdtempSync(join(home, 'data-'))
  // Keeps times to the nanosecond, unlike Node: recovery tells by them what was changed.
  execFileSync('cp', ['-a', '--', `${directory}/.`, copy])
  return copy
}

/** Starts a program in a directory that makeDirectory has made. */
export async function start(
  shell: Shell,
  program: SweepProgram,
  home: string,
  directory: string,
  options: RunOptions,
): Promise<Running> {
  // A file, since when the bytes of a pipe arrive depends on the host.
  const input = join(mkdtempSync(join(home, 'input-')), 'stdin')
  writeFileSync(input, program.stdin ?? '')
  const { args, env, invoke, invokeArgs, stackBytes } = program
  const guest = await shell.run(program.module, {
    file: program.name,
    deterministic: true,
    stdin: { file: input },
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ...(invoke === undefined ? {} : { invoke }),
    ...(invokeArgs === undefined ? {} : { invokeArgs }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
    ...(directory === '' ? {} : { dirs: [{ host: directory, guest: '/data' }] }),
    ...options,
  })
  return watch(guest, directory)
}

/** Waits until the guest has ended or trapped; a trapped one is left as it is. */
export async function untilEnding({ guest, stdout, stderr, directory }: Running): Promise<Ending> {
  const outcome = await guest.wait()
  return {
    outcome: outcomeText(guest, outcome),
    stdout: stdout.all(),
    stderr: stderr.all(),
    files: directory === '' ? '' : treeOf(directory),
  }
}

function outcomeText(guest: Guest, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ended': {
      const results = guest.results.map(({ type, text }) => ` ${type} ${text}`).join('')
      return `ended with exit code ${outcome.code}${results}`
    }
    case 'trapped': {
      const { reason, function: index, pc } = outcome.trap
      return `trapped: ${reason} in function ${index} at pc ${pc}`
    }
    default:
      return outcome.kind
  }
}

/** Opens a shell over the store of that folder, for as long as `use` takes. */
export async function withShell<Result>(
  home: string,
  use: (shell: Shell) => Promise<Result>,
): Promise<Result> {
  const shell = await openWithCode(join(home, 'store'))
  try {
    return await use(shell)
  } finally {
    await shell.close()
  }
}
