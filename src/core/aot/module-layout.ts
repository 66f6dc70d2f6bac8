import { invalidModule } from './byte-reader.js'
import type { IntList } from './int-list.js'
import type { Signature } from './value-types.js'

/** A range of bytes of the module. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Number in the binary format of what is imported and exported. */
export const external = { function: 0, table: 1, memory: 2, global: 3 } as const

export interface ExportEntry {
  readonly name: Uint8Array
  readonly kind: number
  readonly index: number
}

/** Where the parts of a module are, and the types of its index spaces; bodies are left alone. */
export interface ModuleLayout {
  readonly bytes: Uint8Array
  /** By section id; custom sections are left out. */
  readonly sections: ReadonlyMap<number, Range>
  readonly types: Signature[]
  /** Type index of each function, imported ones first. */
  readonly functionTypes: IntList
  importedFunctions: number
  /** Names of the modules that are imported from. */
  readonly importModules: Set<string>
  readonly globalTypes: number[]
  readonly globalIsMutable: boolean[]
  importedGlobals: number
  /** Element type of each table. */
  readonly tableTypes: number[]
  importedTables: number
  memories: number
  exports: readonly ExportEntry[]
  start: number | undefined
  /** Start and end of each body in turn, from its local declarations on. */
  readonly codes: IntList
}

/** Ids of sections (core specification 5.5.2). */
export const sectionId = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

export function definedFunctions(layout: ModuleLayout): number {
  return layout.functionTypes.length - layout.importedFunctions
}

/** Type of a function of the index space. */
export function signatureOf(layout: ModuleLayout, functionIndex: number): Signature {
  return typeAt(layout, layout.functionTypes.at(functionIndex))
}

export function typeAt(layout: ModuleLayout, index: number): Signature {
  const type = layout.types[index]
  if (type === undefined) throw invalidModule(`type ${index} does not exist`, 0)
  return type
}
