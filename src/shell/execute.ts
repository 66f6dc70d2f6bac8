import { isNativeError } from 'node:util/types'
import { WasmshError } from '../core/errors.js'
import { nearNames } from '../core/near.js'
import { Arguments, parseArguments } from './arguments.js'
import type { Command, CommandOutcome } from './command.js'
import { isCommandPromise } from './command-promise.js'
import { IncompleteCode } from './evaluator.js'
import { done } from './exit-codes.js'
import { renderHelp } from './help.js'
import { classifyLine, commandLikeWord } from './line.js'
import { requireStages, runPipeline } from './pipeline.js'
import type { LinePlace } from './place.js'
import type { Session } from './session.js'
import { variableLookup } from './variables.js'
import { expandWords, splitStages, splitWords } from './words.js'

/** What a line came to. JavaScript without a value has `value` undefined. */
export type LineOutcome =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly outcome: CommandOutcome
      readonly isJson: boolean
    }
  | { readonly kind: 'javascript'; readonly value: unknown }

/** An error that a line of JavaScript threw, as opposed to one of wasmsh's own. */
export class JavaScriptError extends Error {
  constructor(readonly thrown: unknown) {
    super('JavaScript threw')
  }
}

/**
 * Runs one line: a command, or JavaScript. Prints nothing; the exit status is left in the session.
 *
 * @throws IncompleteCode when JavaScript needs more lines
 * @throws WasmshError
 * @throws JavaScriptError
 */
export async function executeLine(
  session: Session,
  text: string,
  place: LinePlace,
): Promise<LineOutcome> {
  const line = classifyLine(text, (word) => session.commands.has(word))
  if (line.kind === 'empty') return line
  if (line.kind === 'javascript') {
    const value = await runJavaScript(session, line.code, place)
    session.status = done
    return { kind: 'javascript', value }
  }
  const command = session.commands.get(line.name)
  if (command === undefined) throw unknownCommand(session, line.name)
  const [first = '', ...others] = command.name === 'run' ? splitStages(line.text) : [line.text]
  const input = await readArguments(session, command, first)
  if (others.length > 0 && !input.flag('help')) {
    const texts = requireStages(others, command.name)
    const further = await Promise.all(texts.map((one) => readArguments(session, command, one)))
    const outcome = await runPipeline(session, [input, ...further])
    keepOutcome(session, outcome)
    const isJson = [input, ...further].some((one) => one.flag('json'))
    return { kind: 'command', command, outcome, isJson }
  }
  const outcome = await runCommand(session, command, input)
  return { kind: 'command', command, outcome, isJson: input.flag('json') }
}

async function readArguments(session: Session, command: Command, text: string): Promise<Arguments> {
  if (command.isRaw) {
    const isHelp = text === '--help' || text === '-h'
    return new Arguments(command, [], isHelp ? { help: true } : {}, [], text)
  }
  const words = splitWords(text)
  const lookup = await variableLookup(session, words)
  return parseArguments(command, expandWords(words, lookup))
}

/** Runs a command by its words, which are taken as they are. */
export async function runCommandWords(
  session: Session,
  name: string,
  words: readonly string[],
): Promise<CommandOutcome> {
  const command = session.commands.get(name)
  if (command === undefined) throw unknownCommand(session, name)
  return await runCommand(session, command, parseArguments(command, words))
}

/** Runs a command whose arguments are checked; keeps its result and exit status. */
export async function runCommand(
  session: Session,
  command: Command,
  input: Arguments,
): Promise<CommandOutcome> {
  if (input.flag('help')) {
    return { value: command, render: (page) => renderHelp(command, page), status: done }
  }
  const outcome = await command.execute(session, input)
  keepOutcome(session, outcome)
  return outcome
}

function keepOutcome(session: Session, outcome: CommandOutcome): void {
  session.lastResult = outcome.value
  if (outcome.status !== null) session.status = outcome.status
}

async function runJavaScript(session: Session, code: string, place: LinePlace): Promise<unknown> {
  const evaluator = await session.evaluator()
  // Blank lines in front give stack traces the line numbers of the file.
  const placed = '\n'.repeat(place.line - 1) + code
  try {
    const value = await evaluator.evaluate(placed, place.file, session.signal)
    // A command that was called as a function without await is awaited all the same.
    const settled = isCommandPromise(value) ? await value : value
    if (settled !== undefined) evaluator.setLast(settled)
    return settled
  } catch (error) {
    if (error instanceof IncompleteCode || error instanceof WasmshError) throw error
    throw javaScriptFailure(session, code, error)
  }
}

/** The error to report for a line of JavaScript: of a line that looks like a command with a mistake
 *  in its name, that. */
export function javaScriptFailure(session: Session, code: string, error: unknown): Error {
  return mistypedCommand(session, code, error) ?? new JavaScriptError(error)
}

/** An error for a line that was meant to be a command and is none; null when it was JavaScript. */
function mistypedCommand(session: Session, code: string, error: unknown): WasmshError | null {
  const word = commandLikeWord(code)
  if (word === undefined || !isNativeError(error)) return null
  const isUnknown = error.name === 'ReferenceError' && error.message === `${word} is not defined`
  return isUnknown || error.name === 'SyntaxError' ? unknownCommand(session, word) : null
}

function unknownCommand(session: Session, word: string): WasmshError {
  const near = nearNames(word, session.commands.keys())
  const names = near.map((name) => `"${name}"`).join(' or ')
  return new WasmshError('ERR_WASMSH_COMMAND_UNKNOWN', `There is no command "${word}"`, {
    ...(near.length === 0 ? {} : { hint: `Did you mean ${names}?` }),
  })
}
