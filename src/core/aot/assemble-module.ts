import type { AddedFunctions } from './added-functions.js'
import type { BuildDescription } from './build-description.js'
import type { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { copyConstant } from './constant-expression.js'
import { definedFunctions, external, type ModuleLayout, sectionId } from './module-layout.js'
import type { OutputPlan } from './output-plan.js'
import { type AddedSegment, writeElements } from './write-elements.js'
import {
  type AddedExport,
  interfaceExports,
  stateExportsOf,
  writeExports,
  writeFunctions,
  writeGlobals,
  writeImports,
  writeTables,
  writeTypes,
} from './write-sections.js'

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const

/** Puts the output together. Custom sections are left out: names and debug information speak of the
 *  original module, which stays at hand. */
export function assembleModule(
  plan: OutputPlan,
  normal: ByteWriter,
  added: AddedFunctions,
  build: BuildDescription,
  exportState: boolean,
): Uint8Array {
  const { layout } = plan
  const { tables, segments, functionTable } = addedTables(plan, build, exportState)
  const exports: AddedExport[] = interfaceExports(plan)
  for (const [index, { export: name }] of build.entries.entries()) {
    exports.push({ name, kind: external.function, index: added.firstEntry + index })
  }
  const firstAccessor = added.firstEntry + added.entries.length
  for (const [index, { name }] of added.accessors.entries()) {
    exports.push({ name, kind: external.function, index: firstAccessor + index })
  }
  if (exportState) exports.push(...stateExportsOf(plan, functionTable))

  const elements = new ByteWriter()
  writeElements(plan, elements, segments)
  const codeCount = new ByteWriter(8)
  codeCount.u32(definedFunctions(layout) + added.types.length)

  const out = new ByteWriter(layout.bytes.length + normal.length + added.bodies.length)
  out.put(...header)
  out.section(sectionId.type, writeTypes(plan))
  out.section(sectionId.import, writeImports(plan))
  out.section(sectionId.function, writeFunctions(plan, added.types))
  if (layout.tableTypes.length + tables.length > 0) {
    out.section(sectionId.table, writeTables(plan, tables))
  }
  copySection(layout, sectionId.memory, out)
  out.section(
    sectionId.global,
    writeGlobals(plan, (from, to) => copyGlobal(plan, from, to)),
  )
  out.section(sectionId.export, writeExports(plan, exports))
  out.section(sectionId.element, elements)
  copySection(layout, sectionId.dataCount, out)
  out.section(sectionId.code, codeCount, normal, added.bodies)
  copySection(layout, sectionId.data, out)
  return out.view().slice()
}

/** The table of twins, and with `exportState` that of all functions. */
function addedTables(
  plan: OutputPlan,
  build: BuildDescription,
  exportState: boolean,
): { tables: number[]; segments: AddedSegment[]; functionTable: number } {
  const tables: number[] = []
  const segments: AddedSegment[] = []
  const first = plan.layout.tableTypes.length
  const add = (functions: readonly number[]): number => {
    const table = first + tables.length
    tables.push(functions.length)
    segments.push({ table, functions })
    return table
  }
  if (build.twinTable !== null) add(build.twins.map((_, index) => plan.firstTwin + index))
  if (!exportState) return { tables, segments, functionTable: -1 }
  const all = Array.from({ length: build.functions }, (_, index) => plan.functionIndex(index))
  return { tables, segments, functionTable: add(all) }
}

function copySection({ bytes, sections }: ModuleLayout, id: number, out: ByteWriter): void {
  const range = sections.get(id)
  if (range === undefined) return
  out.byte(id)
  out.u32(range.end - range.start)
  out.copy(bytes, range.start, range.end)
}

function copyGlobal(plan: OutputPlan, reader: ByteReader, out: ByteWriter): void {
  out.put(reader.byte(), reader.byte())
  copyConstant(reader, out, (index) => plan.functionIndex(index))
}
