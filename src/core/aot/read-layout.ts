import { ByteReader, invalidModule } from './byte-reader.js'
import { IntList } from './int-list.js'
import { definedFunctions, type ModuleLayout, type Range, sectionId } from './module-layout.js'
import {
  readCodes,
  readExports,
  readFunctions,
  readGlobals,
  readTables,
} from './module-sections.js'
import { readImports } from './read-imports.js'
import { readTypes } from './read-types.js'

const headerBytes = 8

/**
 * Reads the sections of a valid module, in one pass and without a copy.
 *
 * @throws WasmshError ERR_WASMSH_MODULE_INVALID, ERR_WASMSH_MODULE_TRUNCATED for bytes that
 *   validation would have refused
 */
export function readLayout(bytes: Uint8Array): ModuleLayout {
  const layout: ModuleLayout = {
    bytes,
    sections: readSections(bytes),
    types: [],
    functionTypes: new IntList(),
    importedFunctions: 0,
    importModules: new Set(),
    globalTypes: [],
    globalIsMutable: [],
    importedGlobals: 0,
    tableTypes: [],
    importedTables: 0,
    memories: 0,
    exports: [],
    start: undefined,
    codes: new IntList(),
  }
  const read = (id: number, use: (reader: ByteReader) => void): void => {
    const range = layout.sections.get(id)
    if (range !== undefined) use(new ByteReader(bytes, range.start, range.end))
  }
  read(sectionId.type, (reader) => readTypes(reader, layout.types))
  read(sectionId.import, (reader) => readImports(reader, layout))
  read(sectionId.function, (reader) => readFunctions(reader, layout))
  read(sectionId.table, (reader) => readTables(reader, layout))
  read(sectionId.memory, (reader) => {
    layout.memories += reader.u32()
  })
  read(sectionId.global, (reader) => readGlobals(reader, layout))
  read(sectionId.export, (reader) => {
    layout.exports = readExports(reader)
  })
  read(sectionId.start, (reader) => {
    layout.start = reader.u32()
  })
  read(sectionId.code, (reader) => readCodes(reader, layout))
  if (layout.codes.length / 2 !== definedFunctions(layout)) {
    throw invalidModule('functions and bodies differ in number', bytes.length)
  }
  return layout
}

function readSections(bytes: Uint8Array): Map<number, Range> {
  const sections = new Map<number, Range>()
  const reader = new ByteReader(bytes)
  reader.skip(headerBytes)
  while (!reader.atEnd) {
    const id = reader.byte()
    const length = reader.u32()
    const start = reader.position
    reader.skip(length)
    if (id !== 0) sections.set(id, { start, end: start + length })
  }
  return sections
}
