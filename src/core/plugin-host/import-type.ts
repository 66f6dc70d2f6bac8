import { WasmshError } from '../errors.js'
import type { ImportShape } from '../oplog/operation.js'
import type { AnyPlugin, ImportType, NumberType } from '../plugin.js'

/** An import that a plugin provides, with its declaration taken apart. */
export interface PluginImport {
  readonly plugin: string
  readonly module: string
  readonly name: string
  readonly params: readonly NamedNumber[]
  readonly results: readonly NamedNumber[]
  /** Its calls go to `record`. */
  readonly changesIdentity: boolean
}

export interface NamedNumber {
  readonly name: string
  readonly type: NumberType
}

/** WAMR's letters. */
const letters: Readonly<Record<NumberType, string>> = { i32: 'i', i64: 'I', f32: 'f', f64: 'F' }

const maxParams = 16

/** Modules whose imports are wasmsh's own. */
const ownModules: readonly string[] = ['wasi_snapshot_preview1', 'wasi_unstable', 'wasi']

/** "env.sensor_read": what an import is called in logs and messages. */
export function importName({ module, name }: { module: string; name: string }): string {
  return `${module}.${name}`
}

/** The imports that a plugin declares.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_INVALID, ERR_WASMSH_PLUGIN_CONFLICT */
export function importsOf(plugin: AnyPlugin): readonly PluginImport[] {
  return Object.entries(plugin.imports ?? {}).flatMap(([module, functions]) => {
    if (ownModules.includes(module)) {
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_CONFLICT',
        `Plugin "${plugin.name}" cannot be loaded: imports of "${module}" belong to wasmsh`,
        { hint: 'Give the functions of the plugin a module name of their own.' },
      )
    }
    return Object.entries(functions).map(([name, type]) => importOf(plugin, module, name, type))
  })
}

function importOf(
  plugin: AnyPlugin,
  module: string,
  name: string,
  type: ImportType | undefined,
): PluginImport {
  const place = `${module}.${name}`
  const invalid = (why: string): WasmshError =>
    new WasmshError(
      'ERR_WASMSH_PLUGIN_INVALID',
      `Plugin "${plugin.name}" declares ${place} wrongly: ${why}`,
    )
  if (!Array.isArray(type?.params) || !Array.isArray(type.results)) {
    throw invalid('it needs lists of params and results')
  }
  if (type.params.length > maxParams) throw invalid(`at most ${maxParams} parameters are possible`)
  if (type.results.length > 1) throw invalid('at most one result is possible')
  const take = (text: unknown, fallback: string): NamedNumber => {
    const match = typeof text === 'string' ? /^(?:(.+): )?(i32|i64|f32|f64)$/.exec(text) : null
    if (match === null) throw invalid(`${JSON.stringify(text)} is no type`)
    return { name: match[1] ?? fallback, type: match[2] as NumberType }
  }
  return {
    plugin: plugin.name,
    module,
    name,
    params: type.params.map((one, index) => take(one, String(index))),
    results: type.results.map((one) => take(one, 'result')),
    changesIdentity: type.changesIdentity === true || plugin.creates.includes(place),
  }
}

/** The type as modules spell it: "(func (param i32 i32) (result i32))". */
export function spellType({ params, results }: PluginImport): string {
  const list = (word: string, of: readonly NamedNumber[]): string =>
    of.length === 0 ? '' : ` (${word} ${of.map(({ type }) => type).join(' ')})`
  return `(func${list('param', params)}${list('result', results)})`
}

/** The type as native code takes it: "(ii)i". */
export function signatureOf({ params, results }: PluginImport): string {
  const spell = (of: readonly NamedNumber[]): string => of.map(({ type }) => letters[type]).join('')
  return `(${spell(params)})${spell(results)}`
}

/** What its operations look like in the log. */
export function shapeOf(one: PluginImport): ImportShape {
  const field = (isResult: boolean) => (of: NamedNumber) => ({ ...of, isResult })
  return {
    name: importName(one),
    plugin: one.plugin,
    changesIdentity: one.changesIdentity,
    fields: [...one.params.map(field(false)), ...one.results.map(field(true))],
  }
}
