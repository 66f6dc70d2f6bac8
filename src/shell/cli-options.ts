import { closeSync, openSync, readSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { WasmshError } from '../core/errors.js'
import { didYouMean } from '../core/near.js'
import type { OptionSpecs } from './command.js'
import { profilingOptionSpecs, programOptionSpecs, startOptionSpecs } from './start-arguments.js'

/** Something to run, in the order in which it was given. */
export type Step =
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'file'; readonly file: string }

/** What wasmsh is to do, from its command line. */
export interface CliOptions {
  /** A program, and the words that follow "run" for it. */
  readonly program: { readonly file: string; readonly words: readonly string[] } | null
  /** A script; null reads from standard input where that is no terminal. */
  readonly script: { readonly file: string; readonly args: readonly string[] } | null
  /** A command and its words: "wasmsh plugin new kv". */
  readonly command: { readonly name: string; readonly words: readonly string[] } | null
  /** Packages and files of --plugin. */
  readonly plugins: readonly string[]
  /** Classes of --no-plugin. */
  readonly withoutPlugins: readonly string[]
  /** -c and -x. */
  readonly steps: readonly Step[]
  readonly isInteractive: boolean
  readonly isBatch: boolean
  readonly skipsRc: boolean
  readonly keepGoing: boolean
  readonly isJson: boolean
  readonly isDebug: boolean
  readonly isQuiet: boolean
  readonly isStart: boolean
  readonly wants: 'run' | 'help' | 'version'
}

/** Options of wasmsh itself; those of `run` are taken for the program, too. */
export const cliOptionSpecs: OptionSpecs = {
  command: {
    type: 'string',
    short: 'c',
    multiple: true,
    value: 'LINE',
    summary: 'run a line; may be given several times, mixed with -x',
  },
  execute: { type: 'string', short: 'x', multiple: true, value: 'FILE', summary: 'run a script' },
  plugin: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    summary: 'load a plugin: an installed package, or ./PATH',
  },
  'no-plugin': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    summary: "leave out one of wasmsh's own plugins: files",
  },
  interactive: { type: 'boolean', short: 'i', summary: 'stay at the prompt afterwards' },
  batch: { type: 'boolean', summary: 'never prompt: exit when a guest pauses or traps' },
  'no-rc': { type: 'boolean', short: 'n', summary: 'do not run rc.wsh of the store folder' },
  'keep-going': { type: 'boolean', short: 'k', summary: 'go on after errors in scripts' },
  quiet: { type: 'boolean', short: 'q', summary: 'print no results, only what guests write' },
  json: { type: 'boolean', summary: 'print results and errors as one JSON value a line' },
  debug: { type: 'boolean', summary: 'print stack traces of errors' },
  version: { type: 'boolean', short: 'V', summary: 'print the version' },
  help: { type: 'boolean', short: 'h', summary: 'print this page' },
}

/** Commands that stand on the command line as they are: "wasmsh plugin test .". */
const directCommands = ['compile', 'plugin', 'plugins']

/** Set by `npm start`. */
const startOption = { start: { type: 'boolean', summary: '' } } as const

/** Options of `run` by their long names; its short ones would clash with ours. */
const runOptionSpecs: OptionSpecs = Object.fromEntries(
  Object.entries({ ...startOptionSpecs, ...programOptionSpecs, ...profilingOptionSpecs }).map(
    ([name, spec]) => {
      const { short: _, ...long } = spec
      return [name, long]
    },
  ),
)

function usage(message: string, hint = '"wasmsh --help" lists the options.'): WasmshError {
  return new WasmshError('ERR_WASMSH_COMMAND_USAGE', message, { hint })
}

const all: OptionSpecs = { ...runOptionSpecs, ...cliOptionSpecs, ...startOption }

/**
 * Parses the command line of wasmsh.
 *
 * @throws WasmshError ERR_WASMSH_COMMAND_USAGE
 */
export function parseCommandLine(argv: readonly string[]): CliOptions {
  const { tokens } = parseArgs({ args: [...argv], options: config(), strict: false, tokens: true })
  const first = tokens.find((token) => token.kind === 'positional')
  const dashes = tokens.find((token) => token.kind === 'option-terminator')
  const isBehindDashes = dashes !== undefined && first !== undefined && dashes.index < first.index
  const file = first === undefined || isBehindDashes ? undefined : first
  const isCommand = file !== undefined && directCommands.includes(file.value)
  const isScript = file !== undefined && !isCommand && looksLikeScript(file.value)
  // All behind a script is its own, as with any interpreter; options of a program end at "--".
  const end = isScript || isCommand ? file.index + 1 : (dashes?.index ?? argv.length)
  const own = argv.slice(0, end)
  const rest = argv.slice(end)
  const args = rest[0] === '--' ? rest.slice(1) : rest
  const { values, positionals } = parseOwn(own)
  if (positionals.length > 1) {
    const [first = '', second] = positionals
    const hint = /^[a-z]+$/.test(first)
      ? `Commands go behind -c, as in: wasmsh -c '${first} ${second}'.`
      : 'Arguments of the program go behind "--".'
    throw usage(`There is no use for "${second}"`, hint)
  }
  if (file === undefined && args.length > 0)
    throw usage('There is no program for what follows "--"')
  const flag = (name: string) => values[name] === true
  return {
    command: isCommand ? { name: file.value, words: rest } : null,
    plugins: texts(values['plugin']),
    withoutPlugins: texts(values['no-plugin']),
    program:
      file === undefined || isScript || isCommand
        ? null
        : { file: file.value, words: runWords(file.value, values, args) },
    script: isScript ? { file: file.value, args } : null,
    steps: readSteps(own),
    isInteractive: flag('interactive'),
    isBatch: flag('batch'),
    skipsRc: flag('no-rc'),
    keepGoing: flag('keep-going'),
    isJson: flag('json'),
    isDebug: flag('debug'),
    isQuiet: flag('quiet'),
    isStart: flag('start'),
    wants: flag('help') ? 'help' : flag('version') ? 'version' : 'run',
  }
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : []
}

type Values = Readonly<Record<string, unknown>>

function config(): Record<
  string,
  { type: 'string' | 'boolean'; short?: string; multiple: boolean }
> {
  return Object.fromEntries(
    Object.entries(all).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), multiple: multiple ?? false },
    ]),
  )
}

function parseOwn(own: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...own], options: config(), allowPositionals: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, option = ''] = /'(?:-\w, )?(--?[^\s'=]+)/.exec(message) ?? []
    const names = Object.keys(all).map((name) => `--${name}`)
    if (message.startsWith('Unknown option')) {
      const otherwise = 'Options of the program go behind "--"; "wasmsh --help" lists ours.'
      throw usage(`There is no option ${option}`, didYouMean(option, names, otherwise))
    }
    const takes = all[option.replace(/^--/, '')]?.type === 'boolean' ? 'takes no' : 'needs a'
    throw usage(`Option ${option} ${takes} value`)
  }
}

/** -c and -x in the order in which they were given. */
function readSteps(own: readonly string[]): Step[] {
  const { tokens } = parseArgs({ args: [...own], options: config(), strict: false, tokens: true })
  return tokens.flatMap((token): Step[] => {
    if (token.kind !== 'option' || token.value === undefined) return []
    if (token.name === 'command') return [{ kind: 'command', text: token.value }]
    return token.name === 'execute' ? [{ kind: 'file', file: token.value }] : []
  })
}

/** What follows "run" for a program given on the command line. */
function runWords(file: string, values: Values, args: readonly string[]): string[] {
  const words = [file]
  for (const name of Object.keys(runOptionSpecs)) {
    const value = values[name]
    if (value === true) words.push(`--${name}`)
    else if (typeof value === 'string') words.push(`--${name}=${value}`)
    else if (Array.isArray(value)) words.push(...value.map((one) => `--${name}=${String(one)}`))
  }
  return [...words, '--', ...args]
}

/** A script is "-", or ends in .wsh, or begins with "#!"; everything else is a program. */
function looksLikeScript(file: string): boolean {
  if (file === '-' || file.endsWith('.wsh')) return true
  if (file.endsWith('.wasm')) return false
  try {
    const fd = openSync(file, 'r')
    try {
      const begin = Buffer.alloc(2)
      readSync(fd, begin, 0, 2, 0)
      return begin.toString('latin1') === '#!'
    } finally {
      closeSync(fd)
    }
  } catch {
    return false
  }
}
