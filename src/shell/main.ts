import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shell } from '../core/shell.js'
import { productVersion } from '../core/version.js'
import { openShell } from '../open-shell.js'
import { type CliOptions, parseCommandLine } from './cli-options.js'
import { TerminalOutput } from './direct-stream.js'
import { runCommandWords } from './execute.js'
import { type ExitStatus, exitCodes, statusOfError } from './exit-codes.js'
import { interact } from './interact.js'
import { watchProcess } from './lifetime.js'
import { Output } from './output.js'
import { formatError, presentError, presentOutcome, reportError } from './present.js'
import { createScope } from './scope.js'
import { runScript, runScriptFile } from './script.js'
import { Session } from './session.js'
import { endRunningGuests } from './stop-guests.js'
import { type InputUse, TerminalInput } from './terminal-input.js'
import { usageText } from './usage.js'
import { createVocabulary } from './vocabulary.js'

/**
 * Runs the wasmsh program and resolves to its exit code. Nothing is left running then.
 *
 * @param argv arguments behind the program's name
 */
export async function main(argv: readonly string[]): Promise<number> {
  let options: CliOptions
  try {
    options = parseCommandLine(argv)
  } catch (error) {
    // What stands behind a script or "--" is somebody else's, but then the rest would have parsed.
    const output = openOutput(argv.includes('--json'))
    presentFailure(output, error, argv.includes('--debug'))
    await output.flush()
    return statusOfError(error).code
  }
  const output = openOutput(options.isJson)
  try {
    if (options.wants !== 'run') {
      output.result(options.wants === 'help' ? usageText() : `wasmsh ${productVersion()}`)
      return exitCodes.done
    }
    return (await runSession(options, output)).code
  } catch (error) {
    presentFailure(output, error, options.isDebug)
    return statusOfError(error).code
  } finally {
    await output.flush()
  }
}

function openOutput(isJson: boolean): Output {
  const { stdout, stderr, env } = process
  return new Output({
    stdout: stdout.isTTY ? new TerminalOutput(stdout) : stdout,
    stderr: stderr.isTTY ? new TerminalOutput(stderr) : stderr,
    isJson,
    environment: env,
  })
}

/** Prints an error that came before there was a session. */
function presentFailure(output: Output, error: unknown, isDebug: boolean): void {
  const report = reportError(error)
  if (output.isJson) output.json({ error: report })
  else output.note(formatError(report, null, output.errorTheme))
  if (isDebug && error instanceof Error) output.note(error.stack ?? '')
}

async function runSession(options: CliOptions, output: Output): Promise<ExitStatus> {
  // A tour that nobody watches leaves the user's snapshots alone.
  const isShown = options.isStart && !mayPrompt(options)
  const store = isShown && !process.env['WASMSH_HOME'] ? await temporaryStore() : null
  try {
    const shell = await openShell({
      ...(store === null ? {} : { home: store }),
      withoutPlugins: options.withoutPlugins,
    })
    return await runShell(shell, options, output)
  } finally {
    if (store !== null) await rm(store, { recursive: true, force: true })
  }
}

async function temporaryStore(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'wasmsh-tour-'))
}

async function runShell(shell: Shell, options: CliOptions, output: Output): Promise<ExitStatus> {
  const input = new TerminalInput(inputUse(options), process.stdin)
  const session = new Session({
    shell,
    createVocabulary,
    output,
    input,
    isDebug: options.isDebug,
    isQuiet: options.isQuiet,
    hasPrompt: mayPrompt(options),
    withoutPlugins: options.withoutPlugins,
    createEvaluator: (one) => createScope(one, process.stdin.isTTY ? process.stdin : null),
  })
  shell.on('guest', (guest) => session.consoleOf(guest))
  session.onStray = (error) => presentError(session, error)
  const unwatch = watchProcess(session)
  try {
    const status = await runAll(session, options)
    if (output.isJson) output.json({ exit: { code: status.code, by: status.by } })
    return status
  } finally {
    unwatch()
    await shell.close()
    input.close()
    if (session.hasEvaluator) (await session.evaluator()).close()
  }
}

/** A script from standard input leaves nothing to read for guests. */
function inputUse(options: CliOptions): InputUse {
  if (process.stdin.isTTY) return 'terminal'
  return readsScriptFromInput(options) ? 'none' : 'stream'
}

function readsScriptFromInput(options: CliOptions): boolean {
  if (options.script !== null) return options.script.file === '-'
  return options.program === null && options.command === null && options.steps.length === 0
}

function mayPrompt(options: CliOptions): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && !options.isBatch && !options.isJson
}

async function runAll(session: Session, options: CliOptions): Promise<ExitStatus> {
  const hasTerminal = mayPrompt(options)
  const isPromptOnly =
    hasTerminal &&
    options.program === null &&
    options.script === null &&
    options.command === null &&
    options.steps.length === 0 &&
    !options.isStart
  const staysAnyway = hasTerminal && (options.isInteractive || isPromptOnly || options.isStart)
  try {
    for (const name of options.plugins) await session.loadPlugin(name)
    if (staysAnyway && !options.skipsRc) await runRc(session)
    if (options.isStart) {
      const { startTour } = await import('./tour.js')
      await startTour(session, hasTerminal)
    }
    if (isPromptOnly) await greet(session)
    else await runGiven(session, options)
  } catch (error) {
    presentError(session, error)
    session.status = statusOfError(error, reportError(error).code)
    if (!staysAnyway) return session.status
  }
  const isLeft = options.program !== null && hasTerminal && isParkedAt(session)
  if (session.exit === null && (staysAnyway || isLeft)) await interact(session)
  if (session.exit === null) await endRunningGuests(session)
  const status = session.exit ?? session.status
  const isSilentFailure = session.hasStray && !session.hasPrompt && status.code === exitCodes.done
  return isSilentFailure ? { code: exitCodes.user, by: 'wasmsh' } : status
}

/** A program that was paused or trapped at a terminal is there to be looked at. */
function isParkedAt(session: Session): boolean {
  const state = session.guest?.state
  return state === 'paused' || state === 'trapped'
}

async function runGiven(session: Session, options: CliOptions): Promise<void> {
  const { program, script, command, steps, keepGoing } = options
  if (program !== null) await runProgram(session, program.words)
  if (command !== null) await runDirectCommand(session, command)
  for (const step of steps) {
    if (session.exit !== null) return
    if (step.kind === 'command') await runScript(session, step.text, '-c', { keepGoing })
    else await runScriptFile(session, step.file, { keepGoing })
  }
  if (session.exit !== null || options.isStart) return
  if (script !== null && script.file !== '-') {
    await runScriptFile(session, script.file, { args: script.args, keepGoing })
  } else if (readsScriptFromInput(options)) {
    const args = script?.args ?? []
    session.scriptArguments = args
    await runScript(session, await readInput(), 'stdin', { args, keepGoing })
  }
}

/** A command of the command line, with its words as they are. */
async function runDirectCommand(
  session: Session,
  { name, words }: { readonly name: string; readonly words: readonly string[] },
): Promise<void> {
  const outcome = await session.whileInterruptible(() => runCommandWords(session, name, words))
  const command = session.commands.get(name)
  if (command === undefined) return
  const isJson = words.includes('--json')
  await presentOutcome(session, { kind: 'command', command, outcome, isJson })
}

/** The program of the command line: its output is all that is printed, unless it stops. */
async function runProgram(session: Session, words: readonly string[]): Promise<void> {
  const outcome = await session.whileInterruptible(() => runCommandWords(session, 'run', words))
  const { state } = outcome.value as { state: string }
  const { output } = session
  if (output.isJson) output.json({ command: 'run', result: outcome.value })
  else if (state !== 'ended') output.note(await outcome.render(session.page))
}

async function runRc(session: Session): Promise<void> {
  const file = join(session.shell.store.home, 'rc.wsh')
  try {
    await access(file)
  } catch {
    return
  }
  try {
    await runScriptFile(session, file)
  } catch (error) {
    presentError(session, error)
  }
}

async function greet(session: Session): Promise<void> {
  session.output.result(
    `wasmsh ${productVersion()} on WAMR ${session.shell.wamrVersion}. "help" lists the commands.`,
  )
}

async function readInput(): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece as Uint8Array))
  return Buffer.concat(pieces).toString('utf8')
}
