import type { NativeBinding } from '../native.js'
import { PipeServices } from '../pipe-services.js'
import type { AnyPlugin, SharedResources } from '../plugin.js'
import { pluginError } from './phase.js'

/** What the trackers of each class share in one shell; made when it is first asked for. */
export class SharedByClass {
  readonly #byName = new Map<string, SharedResources | null>()
  readonly #pipes: PipeServices

  constructor(binding: NativeBinding) {
    this.#pipes = new PipeServices(binding)
  }

  /** Null for a class whose trackers share nothing.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_FAILED */
  of(plugin: AnyPlugin): SharedResources | null {
    const known = this.#byName.get(plugin.name)
    if (known !== undefined) return known
    try {
      const made: SharedResources | null = plugin.share?.({ pipes: this.#pipes }) ?? null
      this.#byName.set(plugin.name, made)
      return made
    } catch (error) {
      throw pluginError(plugin.name, 'share', error)
    }
  }

  dispose(): void {
    for (const shared of this.#byName.values()) shared?.dispose()
    this.#byName.clear()
  }
}
