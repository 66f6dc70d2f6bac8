import type { AddedFunctions } from './added-functions.js'
import type { BuildDescription } from './build-description.js'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { copyConstant } from './constant-expression.js'
import { definedFunctions, external, type ModuleLayout, sectionId } from './module-layout.js'
import type { OutputPlan } from './output-plan.js'
import { writeStandIns } from './stand-ins.js'
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

/** What the output is put together from. */
export interface Parts {
  readonly plan: OutputPlan
  readonly added: AddedFunctions
  readonly build: BuildDescription
  readonly exportState: boolean
  /** Entries of the code section for the module's own functions. */
  readonly normal: ByteWriter
  /** All functions in front of the twins only stand for those of another build, and so do data. */
  readonly standIns: boolean
}

/** Puts the output together. Custom sections are left out: names and debug information speak of the
 *  original module, which stays at hand. */
export function assembleModule(parts: Parts): Uint8Array {
  const { plan, added, build, exportState, standIns } = parts
  const { layout } = plan
  const { tables, segments, functionTable } = addedTables(plan, build, exportState)
  const exports: AddedExport[] = interfaceExports(plan)
  for (const [index, { export: name }] of build.entries.entries()) {
    exports.push({ name, kind: external.function, index: plan.firstEntry + index })
  }
  const firstAccessor = plan.firstEntry + build.entries.length
  for (const [index, { name }] of added.accessors.entries()) {
    exports.push({ name, kind: external.function, index: firstAccessor + index })
  }
  if (exportState) exports.push(...stateExportsOf(plan, functionTable))

  const elements = new ByteWriter()
  writeElements(plan, elements, segments)
  const codeCount = new ByteWriter(8)
  codeCount.u32(definedFunctions(layout) + added.types.length)

  const bodies = frontBodies(parts)

  const out = new ByteWriter(layout.bytes.length + bodies.length + added.twins.length)
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
  out.section(sectionId.code, codeCount, bodies, added.twins)
  if (standIns) out.section(sectionId.data, emptyData(layout))
  else copySection(layout, sectionId.data, out)
  return out.view().slice()
}

/** Bodies of all functions in front of the twins. */
function frontBodies({ plan, normal, added, build, standIns }: Parts): ByteWriter {
  if (standIns) {
    const { layout, graph, shift } = plan
    const count = build.firstTwin - layout.importedFunctions - shift
    writeStandIns(normal, count, layout, graph.growth)
  } else normal.append(added.fixed)
  return normal
}

/** As many data segments as the module has, all empty: instructions name them by number. */
function emptyData({ bytes, sections }: ModuleLayout): ByteWriter {
  const out = new ByteWriter()
  const range = sections.get(sectionId.data)
  const count = range === undefined ? 0 : new ByteReader(bytes, range.start, range.end).u32()
  out.u32(count)
  const passive = 1
  for (let segment = 0; segment < count; segment++) out.put(passive, 0)
  return out
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
  const add = (functions: readonly number[], places = functions.length): number => {
    const table = first + tables.length
    tables.push(places)
    segments.push({ table, functions })
    return table
  }
  if (build.twinTable !== null) {
    const twins = build.twins.map((_, index) => build.firstTwin + index)
    add(twins, build.twinPlaces)
  }
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
