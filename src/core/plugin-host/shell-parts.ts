import { WasmshError } from '../errors.js'
import type { AnyPlugin } from '../plugin.js'
import { commandGroups, type OptionSpec, type PluginCommand } from '../plugin-shell.js'

// biome-ignore lint/suspicious/noExplicitAny: a list of plugins has no common tracker type
type AnyCommand = PluginCommand<any, any>

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const functionPattern = /^[A-Za-z_$][\w$]*$/
/** Options that every command has, or that the shell adds. */
const takenOptions = ['json', 'help', 'guest']
const takenShorts = ['h', 'g']

/**
 * Checks what a plugin adds to the shell, so that a mistake is found when it is loaded and not when
 * somebody calls for it. Whether names are free is for the shell to say.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_INVALID
 */
export function requireShellParts(plugin: AnyPlugin): void {
  const wrong = (reason: string): WasmshError =>
    new WasmshError('ERR_WASMSH_PLUGIN_INVALID', `Plugin "${plugin.name}" ${reason}`)
  const { commands = [], topics = [], edits, formatters } = plugin
  if (!Array.isArray(commands) || !Array.isArray(topics)) {
    throw wrong('needs lists as its commands and topics')
  }
  for (const command of commands as readonly AnyCommand[]) {
    const reason = mistakeIn(command)
    if (reason !== null) throw wrong(`has a command that cannot be added: ${reason}`)
  }
  for (const { name, summary, text } of topics) {
    const isWhole = namePattern.test(String(name)) && isText(summary) && isText(text)
    if (!isWhole) throw wrong(`has a help topic without a name, summary or text: ${String(name)}`)
  }
  if (edits !== undefined && (!Array.isArray(edits.targets) || typeof edits.edit !== 'function')) {
    throw wrong('has edits without targets or without the function "edit"')
  }
  for (const { accepts, format } of formatters?.values ?? []) {
    if (typeof accepts !== 'function' || typeof format !== 'function') {
      throw wrong('has a formatter without the functions "accepts" and "format"')
    }
  }
}

function mistakeIn(command: AnyCommand): string | null {
  const { name, functionName, summary, usage, help, run, render, arity = [0, 0] } = command
  if (typeof name !== 'string' || !namePattern.test(name)) {
    return `${JSON.stringify(name) ?? 'undefined'} is no name of a command`
  }
  if (functionName !== undefined && !functionPattern.test(functionName)) {
    return `"${functionName}" cannot be the function of "${name}"`
  }
  if (typeof run !== 'function' || typeof render !== 'function') {
    return `"${name}" lacks the function "run" or "render"`
  }
  if (!isText(summary) || !isText(help) || !Array.isArray(usage) || !usage.every(isText)) {
    return `"${name}" lacks a summary, usage or help`
  }
  if (command.group !== undefined && !commandGroups.includes(command.group)) {
    return `"${name}" has the unknown group "${command.group}"`
  }
  const [least, most] = arity
  if (!(least >= 0 && most >= least)) return `"${name}" takes ${least} to ${most} arguments`
  return mistakeInOptions(name, command.options ?? {})
}

function mistakeInOptions(
  command: string,
  options: Readonly<Record<string, OptionSpec<unknown>>>,
): string | null {
  for (const [name, { type, short, summary }] of Object.entries(options)) {
    if (takenOptions.includes(name) || takenShorts.includes(short ?? '')) {
      return `option --${name} of "${command}" has a name that is taken: ${takenOptions.join(', ')}`
    }
    const isWhole =
      namePattern.test(name) &&
      (type === 'boolean' || type === 'string') &&
      (short === undefined || /^[a-zA-Z]$/.test(short)) &&
      isText(summary)
    if (!isWhole) return `option --${name} of "${command}" lacks a type or a summary`
  }
  return null
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
