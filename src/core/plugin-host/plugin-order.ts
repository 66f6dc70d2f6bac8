import { WasmshError } from '../errors.js'

interface Ordered {
  readonly name: string
  readonly dependsOn: readonly string[]
}

/**
 * Sorts plugins so that each follows those it depends on; ties keep their order.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_DEPENDENCY, ERR_WASMSH_PLUGIN_CYCLE
 */
export function orderPlugins<Plugin extends Ordered>(plugins: readonly Plugin[]): Plugin[] {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]))
  const ordered = new Set<Plugin>()
  const visit = (plugin: Plugin, path: readonly string[]): void => {
    if (ordered.has(plugin)) return
    const trail = [...path, plugin.name]
    if (path.includes(plugin.name)) {
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_CYCLE',
        `Plugins depend on each other: ${trail.join(' -> ')}`,
      )
    }
    for (const name of plugin.dependsOn) {
      const dependency = byName.get(name)
      if (dependency === undefined) {
        throw new WasmshError(
          'ERR_WASMSH_PLUGIN_DEPENDENCY',
          `Plugin "${plugin.name}" needs plugin "${name}", which is not loaded`,
        )
      }
      visit(dependency, trail)
    }
    ordered.add(plugin)
  }
  for (const plugin of plugins) visit(plugin, [])
  return [...ordered]
}
