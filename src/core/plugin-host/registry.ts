import { WasmshError } from '../errors.js'
import { type AnyPlugin, type BackwardsPolicy, pluginApiVersion } from '../plugin.js'
import { fromProgram, type PluginOrigin } from '../plugin-package/plugin-origin.js'
import { importName, importsOf, type PluginImport } from './import-type.js'
import { orderPlugins } from './plugin-order.js'
import { requireShellParts } from './shell-parts.js'

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** The plugins of a shell, checked against each other. */
export class PluginRegistry {
  #plugins: readonly AnyPlugin[] = []
  readonly #origins = new Map<string, PluginOrigin>()

  /** In the order in which they take snapshots and recover. */
  all(): readonly AnyPlugin[] {
    return this.#plugins
  }

  find(name: string): AnyPlugin | undefined {
    return this.#plugins.find((plugin) => plugin.name === name)
  }

  /** Where a plugin comes from. */
  originOf(name: string): PluginOrigin {
    return this.#origins.get(name) ?? fromProgram
  }

  /** Notes where a plugin comes from that is here already. */
  noteOrigin(name: string, origin: PluginOrigin): void {
    this.#origins.set(name, origin)
  }

  /** What the plugins provide to guests, by "env.sensor_read". */
  imports(): ReadonlyMap<string, PluginImport> {
    const all = this.#plugins.flatMap(importsOf)
    return new Map(all.map((one) => [importName(one), one]))
  }

  /** Adds plugins, all or none of them; they may depend on each other.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_INVALID, ERR_WASMSH_PLUGIN_API,
   *    ERR_WASMSH_PLUGIN_CONFLICT, ERR_WASMSH_PLUGIN_DEPENDENCY, ERR_WASMSH_PLUGIN_CYCLE */
  add(...plugins: readonly AnyPlugin[]): void {
    const all = [...this.#plugins]
    for (const plugin of plugins) {
      requirePlugin(plugin)
      for (const other of all) requireApart(plugin, other)
      all.push(plugin)
    }
    this.#plugins = orderPlugins(all)
  }

  /** What there would be after `add` or, of a name that is there, `replace`; changes nothing.
   *  @throws WasmshError as add */
  with(plugin: AnyPlugin): readonly AnyPlugin[] {
    requirePlugin(plugin)
    const others = this.#plugins.filter(({ name }) => name !== plugin.name)
    for (const other of others) requireApart(plugin, other)
    return orderPlugins(
      this.find(plugin.name) === undefined
        ? [...others, plugin]
        : this.#plugins.map((one) => (one.name === plugin.name ? plugin : one)),
    )
  }

  /** Puts new code in the place of a plugin.
   *  @throws WasmshError as add */
  replace(plugin: AnyPlugin): void {
    this.#plugins = this.with(plugin)
  }

  /** Removes one.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_UNKNOWN, ERR_WASMSH_PLUGIN_DEPENDENCY when others need it */
  remove(name: string): void {
    const rest = this.#plugins.filter((plugin) => plugin.name !== name)
    if (rest.length === this.#plugins.length) {
      throw new WasmshError('ERR_WASMSH_PLUGIN_UNKNOWN', `No plugin "${name}" is loaded`)
    }
    this.#plugins = orderPlugins(rest)
    this.#origins.delete(name)
  }
}

/** Checks a plugin against the contract.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_INVALID, ERR_WASMSH_PLUGIN_API */
export function requirePlugin(plugin: AnyPlugin): void {
  requireShape(plugin)
  requireShellParts(plugin)
}

function requireShape(plugin: AnyPlugin): void {
  const { name, apiVersion } = plugin
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_INVALID',
      `${JSON.stringify(name)} cannot be the name of a plugin`,
    )
  }
  if (apiVersion !== pluginApiVersion) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_API',
      `Plugin "${name}" needs version ${apiVersion} of the contract; this wasmsh has ${pluginApiVersion}`,
    )
  }
  const isWhole =
    Array.isArray(plugin.dependsOn) &&
    Array.isArray(plugin.creates) &&
    typeof plugin.track === 'function' &&
    Number.isSafeInteger(plugin.state?.version) &&
    typeof plugin.state.migrations === 'object' &&
    typeof plugin.state.format === 'function' &&
    typeof plugin.state.parse === 'function' &&
    isPolicy(plugin.backwards)
  if (!isWhole) {
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_INVALID',
      `Plugin "${name}" lacks a part of the contract: dependsOn, creates, state, track or backwards`,
    )
  }
  const own = new Set(importsOf(plugin).map(importName))
  const stray = plugin.creates.find((call) => call.includes('.') && !own.has(call))
  if (stray === undefined) return
  throw new WasmshError(
    'ERR_WASMSH_PLUGIN_INVALID',
    `Plugin "${name}" creates by ${stray}, which is none of its imports`,
  )
}

function isPolicy(policy: BackwardsPolicy | undefined): boolean {
  if (policy === undefined || policy === 'replay' || policy === 'compensate') return true
  return typeof policy?.refuse === 'string' && policy.refuse !== ''
}

/** Two plugins cannot share a name, a call that creates, or a flag. */
function requireApart(plugin: AnyPlugin, other: AnyPlugin): void {
  const conflict = (what: string): WasmshError =>
    new WasmshError(
      'ERR_WASMSH_PLUGIN_CONFLICT',
      `Plugin "${plugin.name}" cannot be loaded: ${what} belongs to plugin "${other.name}"`,
    )
  if (plugin.name === other.name) throw conflict('its name')
  const call = plugin.creates.find((one) => other.creates.includes(one))
  if (call !== undefined) throw conflict(`the call ${call}`)
  const provided = new Set(importsOf(other).map(importName))
  const twice = importsOf(plugin)
    .map(importName)
    .find((one) => provided.has(one))
  if (twice !== undefined) throw conflict(`the import ${twice}`)
  const scheme = (plugin.schemes ?? []).find((one) => (other.schemes ?? []).includes(one))
  if (scheme !== undefined) throw conflict(`the scheme "${scheme}:"`)
  const key = ({ phase, name }: { phase: string; name: string }) => `${phase} --${name}`
  const taken = new Set((other.flags ?? []).map(key))
  const flag = (plugin.flags ?? []).map(key).find((one) => taken.has(one))
  if (flag !== undefined) throw conflict(`the flag "${flag}"`)
}
