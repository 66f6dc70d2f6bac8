import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import {
  hostModule,
  pollGlobal,
  startExport,
  stateExports,
  unwindingGlobal,
} from './interface-names.js'
import { external, type ModuleLayout, sectionId } from './module-layout.js'
import { op } from './opcodes.js'
import type { OutputPlan } from './output-plan.js'
import { isReference } from './stack-effects.js'
import { funcref, i32 } from './value-types.js'

/** An export that the pass adds. */
export interface AddedExport {
  readonly name: string
  readonly kind: number
  readonly index: number
}

const isMutable = 1

/** Contents of a section of the module behind its count, and the count. */
function entriesOf(layout: ModuleLayout, id: number): { count: number; entries: Uint8Array } {
  const range = layout.sections.get(id)
  if (range === undefined) return { count: 0, entries: new Uint8Array() }
  const reader = new ByteReader(layout.bytes, range.start, range.end)
  const count = reader.u32()
  return { count, entries: layout.bytes.subarray(reader.position, range.end) }
}

export function writeTypes({ layout, types }: OutputPlan): ByteWriter {
  const out = new ByteWriter()
  types.write(out, entriesOf(layout, sectionId.type).entries)
  return out
}

export function writeImports({ layout, imports }: OutputPlan): ByteWriter {
  const out = new ByteWriter()
  const { count, entries } = entriesOf(layout, sectionId.import)
  out.u32(count + imports.length)
  out.copy(entries)
  for (const { name, type } of imports) {
    out.name(hostModule)
    out.name(name)
    out.byte(external.function)
    out.u32(type)
  }
  return out
}

/** Type of each function with a body: the module's own, then `added`. */
export function writeFunctions({ layout }: OutputPlan, added: readonly number[]): ByteWriter {
  const out = new ByteWriter()
  const { count, entries } = entriesOf(layout, sectionId.function)
  out.u32(count + added.length)
  out.copy(entries)
  for (const type of added) out.u32(type)
  return out
}

/** The module's tables, then tables of references to functions that never change their size. */
export function writeTables({ layout }: OutputPlan, sizes: readonly number[]): ByteWriter {
  const out = new ByteWriter()
  const { count, entries } = entriesOf(layout, sectionId.table)
  out.u32(count + sizes.length)
  out.copy(entries)
  for (const size of sizes) {
    out.put(funcref, 1)
    out.u32(size)
    out.u32(size)
  }
  return out
}

/** The module's globals, whose expressions may name functions, then the two that are polled. */
export function writeGlobals(
  plan: OutputPlan,
  copyEntry: (reader: ByteReader, out: ByteWriter) => void,
): ByteWriter {
  const out = new ByteWriter()
  const { count, entries } = entriesOf(plan.layout, sectionId.global)
  out.u32(count + 2)
  const reader = new ByteReader(entries)
  for (let index = 0; index < count; index++) copyEntry(reader, out)
  for (let added = 0; added < 2; added++) out.put(i32, isMutable, op.i32Const, 0, op.end)
  return out
}

export function writeExports(plan: OutputPlan, added: readonly AddedExport[]): ByteWriter {
  const { layout } = plan
  const out = new ByteWriter()
  out.u32(layout.exports.length + added.length)
  for (const { name, kind, index } of layout.exports) {
    out.vector(name)
    out.byte(kind)
    out.u32(kind === external.function ? plan.functionIndex(index) : index)
  }
  for (const { name, kind, index } of added) {
    out.name(name)
    out.byte(kind)
    out.u32(index)
  }
  return out
}

/** The exports by which the host finds what it needs. */
export function interfaceExports(plan: OutputPlan): AddedExport[] {
  const { start } = plan.layout
  const exports = [
    { name: pollGlobal, kind: external.global, index: plan.pollGlobal },
    { name: unwindingGlobal, kind: external.global, index: plan.unwindingGlobal },
  ]
  if (start === undefined) return exports
  return [
    ...exports,
    { name: startExport, kind: external.function, index: plan.functionIndex(start) },
  ]
}

/** The exports of the guest's state. */
export function stateExportsOf({ layout }: OutputPlan, functionTable: number): AddedExport[] {
  const globals = layout.globalTypes.flatMap((_, index) =>
    layout.globalIsMutable[index] === true && isReference(layout.globalTypes[index] ?? 0)
      ? [{ name: stateExports.global(index), kind: external.global, index }]
      : [],
  )
  const tables = layout.tableTypes.map((_, index) => ({
    name: stateExports.table(index),
    kind: external.table,
    index,
  }))
  const memories =
    layout.memories > 0 ? [{ name: stateExports.memory, kind: external.memory, index: 0 }] : []
  const functions = { name: stateExports.functions, kind: external.table, index: functionTable }
  return [...memories, ...globals, ...tables, functions]
}
