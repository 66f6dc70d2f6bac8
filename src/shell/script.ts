import { readFile, stat } from 'node:fs/promises'
import { fromSystem, WasmshError } from '../core/errors.js'
import { IncompleteCode } from './evaluator.js'
import { executeLine, javaScriptFailure } from './execute.js'
import { type ExitStatus, statusOfError } from './exit-codes.js'
import { classifyLine } from './line.js'
import { type LinePlace, PlacedError } from './place.js'
import { presentError, presentOutcome, reportError } from './present.js'
import type { Session } from './session.js'

export interface ScriptOptions {
  /** `$1` and so on. */
  readonly args?: readonly string[]
  /** Go on after errors; the exit status still tells of the first. */
  readonly keepGoing?: boolean
  /** Called before each line that does something, with the whole of it. */
  readonly beforeLine?: (text: string) => Promise<void> | void
}

/** Larger files are no scripts. */
const largestScript = 16 * 1024 * 1024

/**
 * Reads a script.
 *
 * @throws WasmshError ERR_WASMSH_SCRIPT_READ
 */
export async function readScript(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size <= largestScript) return await readFile(file, 'utf8')
  } catch (error) {
    throw fromSystem('ERR_WASMSH_SCRIPT_READ', `${file} cannot be read`, error)
  }
  throw new WasmshError('ERR_WASMSH_SCRIPT_READ', `${file} is too large for a script`)
}

/** Runs a script file in a session; the arguments of the script around it come back afterwards.
 *  Returns how many lines did something. */
export async function runScriptFile(
  session: Session,
  file: string,
  options: ScriptOptions = {},
): Promise<number> {
  const text = await readScript(file)
  const { scriptArguments, scriptFile } = session
  session.scriptArguments = options.args ?? []
  session.scriptFile = file
  try {
    return await runScript(session, text, file, options)
  } finally {
    session.scriptArguments = scriptArguments
    session.scriptFile = scriptFile
  }
}

/**
 * Runs the lines of a script and prints what they come to.
 *
 * @param file names the script in errors
 * @throws PlacedError at the first error, unless told to keep going
 */
export async function runScript(
  session: Session,
  text: string,
  file: string,
  options: ScriptOptions = {},
): Promise<number> {
  const lines = new ScriptLines(text, (word) => session.commands.has(word))
  let failed: ExitStatus | null = null
  let count = 0
  for (;;) {
    const next = lines.next()
    if (next === null) break
    const place: LinePlace = { file, line: next.line }
    count++
    try {
      await options.beforeLine?.(next.text)
      await runOne(session, lines, next.text, place)
    } catch (error) {
      const placed = error instanceof PlacedError ? error : new PlacedError(error, place)
      if (options.keepGoing !== true || isInterrupt(placed)) throw placed
      presentError(session, placed)
      failed ??= statusOfError(placed.thrown, reportError(placed).code)
    }
    if (session.exit !== null) break
  }
  if (failed !== null) session.status = failed
  return count
}

function isInterrupt(error: PlacedError): boolean {
  return reportError(error).code === 'ERR_WASMSH_INTERRUPTED'
}

/** Runs one line, with the lines behind it as long as JavaScript is not complete. */
async function runOne(
  session: Session,
  lines: ScriptLines,
  first: string,
  place: LinePlace,
): Promise<void> {
  let text = first
  for (;;) {
    try {
      const outcome = await session.whileInterruptible(() => executeLine(session, text, place))
      return await presentOutcome(session, outcome)
    } catch (error) {
      if (!(error instanceof IncompleteCode)) throw error
      const more = lines.take()
      if (more === null) throw javaScriptFailure(session, first, error.reason)
      text += `\n${more}`
    }
  }
}

/** The physical lines of a script, as logical ones. */
class ScriptLines {
  readonly #lines: readonly string[]
  #at = 0

  constructor(
    text: string,
    private readonly isCommand: (word: string) => boolean,
  ) {
    this.#lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  }

  /** The next line that is no comment and not blank; a command goes on behind a backslash. */
  next(): { text: string; line: number } | null {
    for (;;) {
      let text = this.take()
      if (text === null) return null
      const line = this.#at
      const kind = classifyLine(text, this.isCommand).kind
      if (kind === 'empty') continue
      while (kind === 'command' && /(?<!\\)(?:\\\\)*\\$/.test(text)) {
        const more = this.take()
        if (more === null) break
        text = `${text.slice(0, -1)}${more.trimStart()}`
      }
      return { text, line }
    }
  }

  /** The next physical line as it is. */
  take(): string | null {
    const line = this.#lines[this.#at]
    if (line === undefined) return null
    this.#at++
    return line
  }
}
