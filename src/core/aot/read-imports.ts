import { type ByteReader, invalidModule } from './byte-reader.js'
import { external, type ModuleLayout } from './module-layout.js'
import { skipLimits } from './module-sections.js'

const decoder = new TextDecoder()

/** Reads the import section (core specification 5.5.5) into the index spaces. */
export function readImports(reader: ByteReader, layout: ModuleLayout): void {
  const count = reader.u32()
  for (let index = 0; index < count; index++) {
    layout.importModules.add(decoder.decode(reader.vector()))
    reader.vector()
    readImport(reader, layout)
  }
}

function readImport(reader: ByteReader, layout: ModuleLayout): void {
  const kind = reader.byte()
  switch (kind) {
    case external.function:
      layout.functionTypes.push(reader.u32())
      layout.importedFunctions++
      return
    case external.table:
      layout.tableTypes.push(reader.byte())
      layout.importedTables++
      skipLimits(reader)
      return
    case external.memory:
      layout.memories++
      skipLimits(reader)
      return
    case external.global:
      layout.globalTypes.push(reader.byte())
      layout.globalIsMutable.push(reader.byte() !== 0)
      layout.importedGlobals++
      return
    default:
      throw invalidModule(`an import is of kind ${kind}`, reader.position - 1)
  }
}
