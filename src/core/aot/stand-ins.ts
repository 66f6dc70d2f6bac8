import { ByteWriter } from './byte-writer.js'
import type { Growth } from './call-graph.js'
import type { ModuleLayout } from './module-layout.js'
import { op, tableGrow } from './opcodes.js'

/** A body without locals that traps: its size, no groups of locals, unreachable, end. */
const trap = [0x03, 0x00, 0x00, op.end] as const

/**
 * Writes the bodies of functions that stand for those of another build. They are never run: the
 * compiler has calls of them go to the instance, which is one of the other build.
 *
 * An engine lays out what is never grown in another way, so the first of them names what is.
 */
export function writeStandIns(
  out: ByteWriter,
  count: number,
  layout: ModuleLayout,
  growth: Growth,
): void {
  const first = new ByteWriter()
  first.put(0x00, 0x00)
  if (growth.memory) first.put(op.memorySize, 0, op.drop)
  for (const table of growth.tables) {
    first.put(op.refNull, layout.tableTypes[table] ?? 0, op.i32Const, 0, op.misc, tableGrow)
    first.u32(table)
    first.byte(op.drop)
  }
  first.byte(op.end)
  out.vector(first.view())
  for (let more = 1; more < count; more++) out.put(...trap)
}
