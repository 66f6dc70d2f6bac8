import { Console } from 'node:console'
import { Guest } from '../core/guest/guest.js'
import { Arguments, parseArguments, usageError } from './arguments.js'
import type { Command } from './command.js'
import { markCommandPromise } from './command-promise.js'
import { DirectStream } from './direct-stream.js'
import { Evaluator, type RawMode } from './evaluator.js'
import { JavaScriptError, runCommand } from './execute.js'
import { folderOf } from './script-folder.js'
import type { Session } from './session.js'

/**
 * Makes the scope of JavaScript lines: `guest`, `shell`, `output`, `result`, `args`, and every
 * command as a function.
 */
export async function createScope(session: Session, rawMode: RawMode | null): Promise<Evaluator> {
  const evaluator = await Evaluator.create(rawMode)
  const { context } = evaluator
  evaluator.onInterrupt(() => session.interrupts.fire())
  evaluator.onStrayError((error) => session.noteStray(new JavaScriptError(error)))
  const getters: Readonly<Record<string, () => unknown>> = {
    shell: () => session.shell,
    guest: () => session.guest,
    args: () => session.scriptArguments,
    result: () => session.lastResult,
    __filename: () => session.scriptFile ?? '',
    __dirname: () => folderOf(session.scriptFile),
    output: () => (session.guest === null ? '' : session.consoleOf(session.guest).text),
  }
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(context, name, {
      get,
      // A line may use the name for something of its own.
      set: (value: unknown) =>
        Object.defineProperty(context, name, { value, writable: true, configurable: true }),
      configurable: true,
      enumerable: true,
    })
  }
  Object.defineProperty(context, 'console', {
    value: new Console({
      stdout: new DirectStream((bytes) => session.output.text(bytes, 'stdout')),
      stderr: new DirectStream((bytes) => session.output.text(bytes, 'stderr')),
      colorMode: session.output.theme.isColored,
    }),
    writable: true,
    configurable: true,
  })
  defineCommands(session, context)
  session.onVocabulary((before) => {
    for (const { functionName } of before.commands.values())
      Reflect.deleteProperty(context, functionName)
    defineCommands(session, context)
  })
  return evaluator
}

function defineCommands(session: Session, context: object): void {
  for (const command of session.commands.values()) {
    Object.defineProperty(context, command.functionName, {
      value: commandFunction(session, command),
      writable: true,
      configurable: true,
      enumerable: true,
    })
  }
}

/**
 * Turns a command into a function: arguments in order, options as an object at the end
 * (`run('a.wasm', { pauseAt: 10, args: ['x'] })`). It resolves to the command's result.
 */
function commandFunction(
  session: Session,
  command: Command,
): (...given: unknown[]) => Promise<unknown> {
  const call = async (given: unknown[]) => {
    const outcome = await runCommand(session, command, toArguments(command, given))
    return outcome.value
  }
  const named = {
    [command.functionName]: (...given: unknown[]) => {
      const promise = call(given)
      markCommandPromise(promise)
      return promise
    },
  }
  return named[command.functionName] ?? ((...given) => call(given))
}

/** Arguments of a command from those of a function. */
export function toArguments(command: Command, given: readonly unknown[]): Arguments {
  if (command.isRaw) {
    return new Arguments(command, [], {}, [], command.rawText(given))
  }
  const last = given.at(-1)
  const options = isOptions(last) ? last : {}
  const positionals = isOptions(last) ? given.slice(0, -1) : given
  const words: string[] = []
  let rest: readonly string[] = []
  for (const [name, value] of Object.entries(options)) {
    if (name === 'args') rest = toTexts(command, value)
    else words.push(...optionWords(command, kebab(name), value))
  }
  words.push('--', ...rest)
  const texts = positionals.map((value) => toText(command, value))
  // Positionals are checked apart: one may begin with "-".
  const checked = parseArguments({ ...command, arity: [0, 0] }, words)
  const [least, most] = command.arity
  if (texts.length < least || texts.length > most) {
    throw usageError(command, `"${command.name}" takes ${least} to ${most} arguments`)
  }
  return checked.withPositionals(texts)
}

function isOptions(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Objects of the scope have another realm's Object.prototype, whose prototype is null too.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function optionWords(command: Command, name: string, value: unknown): string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [`--${name}`]
  return toTexts(command, value).map((text) => `--${name}=${text}`)
}

function toTexts(command: Command, value: unknown): string[] {
  return Array.isArray(value) ? value.map((one) => toText(command, one)) : [toText(command, value)]
}

function toText(command: Command, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value)
  }
  if (value instanceof Guest) return value.name
  throw usageError(command, `"${command.functionName}" cannot take a value of type ${typeof value}`)
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
