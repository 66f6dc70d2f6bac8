import type { AnyPlugin, PluginFlag, PluginFlags } from '../core/plugin.js'
import { type Arguments, usageError } from './arguments.js'
import type { Command, OptionSpecs } from './command.js'
import type { Session } from './session.js'

type Phase = PluginFlag['phase']

function flagsOf(plugins: readonly AnyPlugin[], phase: Phase): readonly PluginFlag[] {
  return plugins.flatMap(({ flags = [] }) => flags.filter((flag) => flag.phase === phase))
}

/** Adds the flags of plugins to the commands of their phases. */
export function withPluginOptions(
  commands: ReadonlyMap<string, Command>,
  plugins: readonly AnyPlugin[],
): ReadonlyMap<string, Command> {
  const all = new Map(commands)
  for (const phase of ['snapshot', 'recover'] as const) {
    const command = commands.get(phase)
    const specs = flagsOf(plugins, phase).map(({ name, summary, values }) => [
      name,
      values === undefined
        ? { type: 'boolean' as const, summary }
        : { type: 'string' as const, value: name.toUpperCase(), summary, complete: [...values] },
    ])
    if (command === undefined) continue
    const added = Object.fromEntries(specs) as OptionSpecs
    all.set(phase, { ...command, options: { ...command.options, ...added } })
  }
  const set = commands.get('set')
  const targets = plugins.flatMap(({ edits }) => edits?.targets ?? [])
  if (set !== undefined && targets.length > 0) {
    all.set('set', { ...set, help: `${set.help}\n\n${describeTargets(targets)}` })
  }
  return all
}

type Targets = readonly { readonly usage: string; readonly summary: string }[]

/** What `help set` says of places that plugins keep. */
function describeTargets(targets: Targets): string {
  const width = Math.max(...targets.map(({ usage }) => usage.length))
  const lines = targets.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`)
  return `Plugins keep these:\n\n${lines.join('\n')}`
}

/** Reads the flags of plugins from a command line.
 *  @throws WasmshError ERR_WASMSH_COMMAND_USAGE for a value that a flag does not take */
export function readPluginFlags(session: Session, input: Arguments, phase: Phase): PluginFlags {
  const given: Record<string, string | boolean> = {}
  for (const { name, values } of flagsOf(session.shell.plugins.all(), phase)) {
    if (values === undefined) {
      if (input.flag(name)) given[name] = true
      continue
    }
    const value = input.option(name)
    if (value === undefined) continue
    if (!values.includes(value)) {
      throw usageError(
        input.command,
        `--${name} cannot be "${value}"`,
        `Give one of: ${values.join(', ')}.`,
      )
    }
    given[name] = value
  }
  return given
}
