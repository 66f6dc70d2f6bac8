import { WasmshError } from '../errors.js'
import { exportPrefix, hostModule } from './interface-names.js'
import type { ModuleLayout } from './module-layout.js'

/**
 * Refuses a module that uses names of ours: it could reach what is not its own.
 *
 * @throws WasmshError ERR_WASMSH_MODULE_RESERVED_NAME
 */
export function refuseReservedNames({ exports, importModules }: ModuleLayout): void {
  const decoder = new TextDecoder()
  const names = exports.map(({ name }) => decoder.decode(name))
  const found = [...importModules].includes(hostModule)
    ? hostModule
    : names.find((name) => name.startsWith(exportPrefix))
  if (found === undefined) return
  throw new WasmshError(
    'ERR_WASMSH_MODULE_RESERVED_NAME',
    `The module uses the name "${found}", which wasmsh needs for itself`,
  )
}
