import { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { copyConstant } from './constant-expression.js'
import { sectionId } from './module-layout.js'
import { op } from './opcodes.js'
import type { OutputPlan } from './output-plan.js'

/** Bits of an element segment's form (core specification 5.5.12). */
const isPassiveOrDeclared = 1
const hasTableOrDeclared = 2
const hasExpressions = 4

/** An active segment that the pass adds. */
export interface AddedSegment {
  readonly table: number
  /** In the output. */
  readonly functions: readonly number[]
}

/** Writes the module's element segments, with functions under their new indices, then ours; the
 *  module's segments keep their numbers. */
export function writeElements(
  plan: OutputPlan,
  out: ByteWriter,
  added: readonly AddedSegment[],
): void {
  const { bytes, sections } = plan.layout
  const range = sections.get(sectionId.element)
  const reader =
    range === undefined
      ? new ByteReader(bytes, 0, 0)
      : new ByteReader(bytes, range.start, range.end)
  const count = range === undefined ? 0 : reader.u32()
  out.u32(count + added.length)
  for (let index = 0; index < count; index++) copySegment(plan, reader, out)
  for (const { table, functions } of added) {
    out.byte(hasTableOrDeclared)
    out.u32(table)
    out.put(op.i32Const, 0, op.end)
    out.byte(0)
    out.u32(functions.length)
    for (const one of functions) out.u32(one)
  }
}

function copySegment(plan: OutputPlan, reader: ByteReader, out: ByteWriter): void {
  const newIndex = (index: number): number => plan.functionIndex(index)
  const flags = reader.u32()
  out.u32(flags)
  const isActive = (flags & isPassiveOrDeclared) === 0
  if (isActive) {
    if ((flags & hasTableOrDeclared) !== 0) out.u32(reader.u32())
    copyConstant(reader, out, newIndex)
  }
  // The kind of elements, or their type.
  if (!isActive || (flags & hasTableOrDeclared) !== 0) out.byte(reader.byte())
  const count = reader.u32()
  out.u32(count)
  for (let index = 0; index < count; index++) {
    if ((flags & hasExpressions) !== 0) copyConstant(reader, out, newIndex)
    else out.u32(newIndex(reader.u32()))
  }
}
