import { WasmshError } from '../core/errors.js'
import type { AnyPlugin } from '../core/plugin.js'
import type { Command } from './command.js'
import { commands as builtInCommands } from './commands/index.js'
import { toCommand } from './plugin-command.js'
import { withPluginOptions } from './plugin-options.js'
import { topics as builtInTopics, type Topic } from './topics.js'

/** The words that lines may begin with, and the pages that `help` has. */
export interface Vocabulary {
  readonly commands: ReadonlyMap<string, Command>
  readonly topics: readonly Topic[]
}

/** Names of the scope of JavaScript lines that are no commands. */
const scopeNames = ['shell', 'guest', 'args', 'result', 'output', 'console', 'globalThis', '_']

/**
 * Joins what wasmsh has with what plugins add.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_CONFLICT for a name that somebody else has already
 */
export function createVocabulary(plugins: readonly AnyPlugin[]): Vocabulary {
  const commands = new Map(withPluginOptions(builtInCommands, plugins))
  const owners = new Map<string, string>()
  for (const { name, functionName } of commands.values()) {
    for (const one of [name, functionName]) owners.set(one, `the command "${name}" of wasmsh`)
  }
  for (const { name } of builtInTopics) owners.set(name, `the help topic "${name}" of wasmsh`)
  for (const name of scopeNames) owners.set(name, `"${name}" of JavaScript lines`)
  const topics = [...builtInTopics]
  for (const plugin of plugins) {
    const claim = (kind: string, names: readonly string[]): void => {
      for (const name of new Set(names)) {
        const owner = owners.get(name)
        if (owner !== undefined) throw conflict(plugin, kind, names[0] ?? name, owner)
        owners.set(name, `the ${kind} "${names[0]}" of plugin "${plugin.name}"`)
      }
    }
    for (const spec of plugin.commands ?? []) {
      const command = toCommand(plugin, spec)
      claim('command', [command.name, command.functionName])
      commands.set(command.name, command)
    }
    for (const topic of plugin.topics ?? []) {
      claim('help topic', [topic.name])
      topics.push(topic)
    }
  }
  return { commands, topics }
}

function conflict(plugin: AnyPlugin, kind: string, name: string, owner: string): WasmshError {
  return new WasmshError(
    'ERR_WASMSH_PLUGIN_CONFLICT',
    `Plugin "${plugin.name}" cannot add the ${kind} "${name}": there is ${owner}`,
    { hint: `Start without plugin "${plugin.name}", or ask its author for another name.` },
  )
}
