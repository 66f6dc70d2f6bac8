import { parseArgs } from 'node:util'
import { WasmshError } from '../core/errors.js'
import { didYouMean } from '../core/near.js'
import type { CommandInput } from '../core/plugin-shell.js'
import { type CommandInfo, commonOptions, type OptionSpecs } from './command.js'
import { parseCount, parseNumber } from './numbers.js'

type Value = string | boolean | readonly (string | boolean)[] | undefined

/** What a command was called with, checked against what it takes. */
export class Arguments implements CommandInput {
  constructor(
    readonly command: CommandInfo,
    readonly positionals: readonly string[],
    private readonly values: Readonly<Record<string, Value>>,
    /** All behind "--". */
    readonly rest: readonly string[],
    /** The line behind the command's name as it was typed; for raw commands. */
    readonly text: string,
  ) {}

  /** An argument by its position. */
  argument(index: number): string | undefined {
    return this.positionals[index]
  }

  /** An argument that the arity promises. */
  required(index: number): string {
    return this.positionals[index] ?? ''
  }

  flag(name: string): boolean {
    return this.values[name] === true
  }

  option(name: string): string | undefined {
    const value = this.values[name]
    return typeof value === 'string' ? value : undefined
  }

  options(name: string): readonly string[] {
    const value = this.values[name]
    return Array.isArray(value) ? value.map(String) : []
  }

  /** The same with other positional arguments. */
  withPositionals(positionals: readonly string[]): Arguments {
    return new Arguments(this.command, positionals, this.values, this.rest, this.text)
  }

  /** The same with one option more. */
  withOption(name: string, value: string): Arguments {
    const values = { ...this.values, [name]: value }
    return new Arguments(this.command, this.positionals, values, this.rest, this.text)
  }

  /** A whole number given as an argument; `what` names it in the error. */
  count(index: number, what: string): number | undefined {
    const text = this.positionals[index]
    return text === undefined ? undefined : parseCount(text, what)
  }

  /**
   * Takes a value that an argument is to lead to.
   *
   * @throws WasmshError ERR_WASMSH_COMMAND_USAGE with that message when there is none
   */
  expect<Value>(value: Value | undefined, message: string): Value {
    if (value !== undefined) return value
    throw usageError(this.command, message)
  }

  /** An error that says how the command is called. */
  usageError(message: string, hint?: string): WasmshError {
    return usageError(this.command, message, hint)
  }

  /** A whole number given as an option. */
  integer(name: string, least = 0, most?: number): number | undefined {
    const text = this.option(name)
    return text === undefined ? undefined : parseCount(text, `a value for --${name}`, least, most)
  }

  bigint(name: string): bigint | undefined {
    const text = this.option(name)
    return text === undefined ? undefined : parseNumber(text, `a value for --${name}`)
  }
}

/** Raises a usage error of a command. */
export function usageError(command: CommandInfo, message: string, hint?: string): WasmshError {
  const usage = `Usage: ${command.usage[0] ?? command.name}; "help ${command.name}" says more.`
  return new WasmshError('ERR_WASMSH_COMMAND_USAGE', message, { hint: hint ?? usage })
}

/**
 * Checks the words of a command line against what the command takes.
 *
 * @throws WasmshError ERR_WASMSH_COMMAND_USAGE
 */
export function parseArguments(command: CommandInfo, words: readonly string[]): Arguments {
  const options: OptionSpecs = { ...command.options, ...commonOptions }
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), multiple: multiple ?? false },
    ]),
  )
  const { positionals, values, rest } = parse(command, words, config, options)
  const [least, most] = command.arity
  const isHelp = values['help'] === true
  if (positionals.length < least && !isHelp) {
    throw usageError(command, `"${command.name}" needs more arguments`)
  }
  if (positionals.length > most && !isHelp) {
    const extra = positionals[most] ?? ''
    throw usageError(command, `"${command.name}" has no use for "${extra}"`, extraHint(command))
  }
  return new Arguments(command, positionals, values, rest, '')
}

function extraHint(command: CommandInfo): string | undefined {
  const takesRest = command.usage.some((usage) => usage.includes('-- '))
  return takesRest ? 'Arguments and options of the program go behind "--".' : undefined
}

type ParseConfig = Record<string, { type: 'string' | 'boolean'; short?: string; multiple: boolean }>

function parse(
  command: CommandInfo,
  words: readonly string[],
  config: ParseConfig,
  options: OptionSpecs,
): { positionals: string[]; values: Readonly<Record<string, Value>>; rest: string[] } {
  const dashes = endOfOptions(words, options)
  try {
    const { positionals, values } = parseArgs({
      args: words.slice(0, dashes),
      options: config,
      allowPositionals: true,
    })
    return { positionals, values, rest: words.slice(dashes + 1) }
  } catch (error) {
    throw translate(command, error, options)
  }
}

/** Index of the "--" that ends the options (it may also be an option's value). */
function endOfOptions(words: readonly string[], options: OptionSpecs): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') return at
    const name = word.startsWith('--') ? word.slice(2) : shortToLong(word, options)
    if (name !== undefined && options[name]?.type === 'string') at++
  }
  return words.length
}

function shortToLong(word: string, options: OptionSpecs): string | undefined {
  if (!/^-\w$/.test(word)) return undefined
  return Object.keys(options).find((name) => options[name]?.short === word[1])
}

function translate(command: CommandInfo, error: unknown, options: OptionSpecs): unknown {
  const { code, message } = error as { code?: string; message?: string }
  const [, option] = /'(?:-\w, )?(--?[^\s'=]+)/.exec(message ?? '') ?? []
  if (option === undefined) return error
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION': {
      const known = Object.keys(options).map((name) => `--${name}`)
      const otherwise = extraHint(command) ?? usageError(command, '').hint
      const hint = didYouMean(option, known, otherwise)
      return usageError(command, `"${command.name}" has no option ${option}`, hint)
    }
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE': {
      const spec = options[option.replace(/^--/, '')]
      return spec?.type === 'boolean'
        ? usageError(command, `Option ${option} takes no value`)
        : usageError(command, `Option ${option} needs a value`)
    }
    default:
      return error
  }
}
