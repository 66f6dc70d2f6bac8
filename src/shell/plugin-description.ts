import { WasmshError } from '../core/errors.js'
import { isFinal } from '../core/guest/guest-state.js'
import { didYouMean } from '../core/near.js'
import type { AnyPlugin, BackwardsPolicy } from '../core/plugin.js'
import type { PluginOrigin } from '../core/plugin-package/plugin-origin.js'
import type { Shell } from '../core/shell.js'
import { functionNameOf } from './plugin-command.js'

/** What there is to know of a loaded plugin. */
export interface PluginDescription {
  readonly class: string
  readonly package: string | null
  readonly version: string | null
  readonly origin: PluginOrigin['kind']
  readonly file: string | null
  readonly apiVersion: number
  readonly stateVersion: number
  /** Oldest state that it reads. */
  readonly readsFrom: number
  readonly dependsOn: readonly string[]
  readonly creates: readonly string[]
  readonly flags: readonly {
    readonly phase: string
    readonly name: string
    readonly summary: string
  }[]
  readonly commands: readonly {
    readonly name: string
    readonly function: string
    readonly summary: string
  }[]
  readonly topics: readonly string[]
  /** Targets of `set`. */
  readonly targets: readonly string[]
  readonly backwards: BackwardsPolicy
  /** Names of the guests that it tracks. */
  readonly guests: readonly string[]
}

/** What going back does with a class whose plugin says nothing. */
const undeclared: BackwardsPolicy = { refuse: 'the plugin does not say what going back would do' }

export function describePlugin(shell: Shell, plugin: AnyPlugin): PluginDescription {
  const { name, apiVersion, state, dependsOn, creates, flags = [], commands = [] } = plugin
  const { kind, package: packageName, version, file } = shell.plugins.originOf(name)
  return {
    class: name,
    package: packageName,
    version,
    origin: kind,
    file,
    apiVersion,
    stateVersion: state.version,
    readsFrom: oldestState(plugin),
    dependsOn,
    creates,
    flags: flags.map(({ phase, name: flag, summary }) => ({ phase, name: flag, summary })),
    commands: commands.map((one) => ({
      name: one.name,
      function: functionNameOf(one),
      summary: one.summary,
    })),
    topics: (plugin.topics ?? []).map((topic) => topic.name),
    targets: (plugin.edits?.targets ?? []).map(({ usage }) => usage),
    backwards: plugin.backwards ?? undeclared,
    guests: shell
      .guests()
      .filter((guest) => !isFinal(guest.state) && guest.isTrackedBy(name))
      .map((guest) => guest.name),
  }
}

/** Finds a loaded plugin by its class or the name of its package.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_UNKNOWN */
export function findLoaded({ plugins }: Shell, name: string): AnyPlugin {
  const all = plugins.all()
  const found = plugins.find(name) ?? all.find((one) => plugins.originOf(one.name).package === name)
  // All of wasmsh's own have its name.
  if (found !== undefined && name !== 'wasmsh') return found
  const names = all.map((one) => one.name)
  throw new WasmshError('ERR_WASMSH_PLUGIN_UNKNOWN', `No plugin "${name}" is loaded`, {
    hint: didYouMean(name, names, 'List them with "plugins", or load one with "plugin load".'),
  })
}

/** "wasmsh", "a program", or the file. */
export function whereFrom({ origin, file }: PluginDescription): string {
  return origin === 'built-in' ? 'built in' : (file ?? 'a program')
}

function oldestState({ state }: AnyPlugin): number {
  let version = state.version
  while (typeof state.migrations[version - 1] === 'function') version--
  return version
}
