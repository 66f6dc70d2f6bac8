import type { AnyPlugin } from '../core/plugin.js'
import { pluginError } from '../core/plugin-host/phase.js'
import type {
  CommandContext,
  PluginCommand,
  PluginCompletion,
  OptionSpec as PluginOptionSpec,
} from '../core/plugin-shell.js'
import type { Arguments } from './arguments.js'
import { type Command, type Completion, defineCommand, type OptionSpecs } from './command.js'
import { done, type ExitStatus, exitCodes } from './exit-codes.js'
import { chosenSubject, findSubject, guestSubject } from './plugin-subject.js'
import type { Session } from './session.js'

/** Any tracker: a command knows its own. */
// biome-ignore lint/suspicious/noExplicitAny: plugins are a list without a common type
type Any = any

/** Makes a command of the shell of one that a plugin adds: what it throws names the plugin. */
export function toCommand(plugin: AnyPlugin, spec: PluginCommand<Any, Any>): Command {
  const phase = `the command "${spec.name}"`
  const guarded = async <Result>(body: () => Promise<Result> | Result): Promise<Result> => {
    try {
      return await body()
    } catch (error) {
      throw pluginError(plugin.name, phase, error)
    }
  }
  return defineCommand<unknown>({
    name: spec.name,
    group: spec.group ?? 'Looking',
    summary: spec.summary,
    usage: spec.usage,
    help: spec.help,
    options: { ...optionsOf(plugin, spec), ...guestOptionOf(spec) },
    examples: spec.examples ?? [],
    arity: spec.arity ?? [0, 0],
    complete: (spec.complete ?? []).map((one) => toCompletion(plugin, one)),
    functionName: functionNameOf(spec),
    run: (session, input) =>
      guarded(() => spec.run(createContext(session, plugin, spec, input), input)),
    render: (result, page) => guarded(() => spec.render(result, page)),
    status: (result) => toStatus(spec.status?.(result)),
  })
}

/** Name of a command's function: "disk-usage" is diskUsage. */
export function functionNameOf({ name, functionName }: PluginCommand<Any, Any>): string {
  return functionName ?? name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function createContext(
  session: Session,
  plugin: AnyPlugin,
  { subject = 'guest' }: PluginCommand<Any, Any>,
  input: Arguments,
): CommandContext<Any> {
  const named = subject === 'none' ? undefined : input.option('guest')
  return {
    shell: session.shell,
    signal: session.signal,
    guest: () => guestSubject(session.findGuest(named), plugin),
    subject: () => findSubject(session, plugin, named),
    note: (text) => session.output.note(text),
  }
}

function optionsOf(plugin: AnyPlugin, { options = {} }: PluginCommand<Any, Any>): OptionSpecs {
  return Object.fromEntries(
    Object.entries(options as Record<string, PluginOptionSpec<PluginCompletion<Any>>>).map(
      ([name, { complete, ...spec }]) => [
        name,
        complete === undefined ? spec : { ...spec, complete: toCompletion(plugin, complete) },
      ],
    ),
  )
}

function guestOptionOf({ subject = 'guest' }: PluginCommand<Any, Any>): OptionSpecs {
  if (subject === 'none') return {}
  const isBoth = subject === 'guest-or-snapshot'
  return {
    guest: {
      type: 'string',
      short: 'g',
      value: 'GUEST',
      summary: isBoth
        ? 'the guest, or "snapshot:NAME", instead of the one chosen by "use"'
        : 'the guest, instead of the one chosen by "use"',
      complete: isBoth ? 'guest-or-snapshot' : 'guest',
    },
  }
}

function toCompletion(plugin: AnyPlugin, completion: PluginCompletion<Any>): Completion {
  if (typeof completion !== 'function') return completion
  return async (session) => await completion(await chosenSubject(session, plugin))
}

function toStatus(code: number | undefined): ExitStatus {
  if (code === undefined || code === exitCodes.done) return done
  const isOne = Number.isInteger(code) && code > 0 && code < exitCodes.signal
  return { code: isOne ? code : exitCodes.internal, by: 'wasmsh' }
}
