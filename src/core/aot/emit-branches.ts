import type { FunctionContext } from './function-context.js'
import { op } from './opcodes.js'

/** Writes a branch; one back to a loop polls first. */
export function emitBranch({ cold, emitter, label, plan }: FunctionContext, target: number): void {
  if (cold.at(target) !== 0) {
    emitter.globalGet(plan.pollGlobal)
    emitter.br(cold.at(target), op.brIf)
  }
  emitter.br(label.at(target))
}

/** Writes a conditional branch. The values that a loop takes pass through the if around a poll. */
export function emitBranchIf(context: FunctionContext, target: number): void {
  const { cold, emitter, label } = context
  if (cold.at(target) === 0) {
    emitter.br(label.at(target), op.brIf)
    return
  }
  emitter.openPassing(op.if, context.blockSignature(target).params)
  emitBranch(context, target)
  emitter.close()
}

/**
 * Writes a br_table. Branches back to loops have to poll, so each such loop gets a block around the
 * table, behind which the poll stands; the values that the labels take pass through these blocks.
 */
export function emitBranchTable(context: FunctionContext, event: number): void {
  const { code, cold, emitter, label, homes, out } = context
  const first = code.a.at(event)
  const count = code.b.at(event)
  const loops = new Set<number>()
  for (let at = first; at < first + count; at++) {
    const target = code.targets.at(at)
    if (cold.at(target) !== 0) loops.add(target)
  }
  const via = new Map<number, number>()
  if (loops.size > 0) {
    const scratch = homes.scratch()
    emitter.localSet(scratch)
    for (const loop of loops)
      via.set(loop, emitter.openPassing(op.block, context.blockSignature(loop).params))
    emitter.localGet(scratch)
  }
  out.byte(op.brTable)
  out.u32(count - 1)
  for (let at = first; at < first + count; at++) {
    const target = code.targets.at(at)
    out.u32(emitter.level - (via.get(target) ?? label.at(target)))
  }
  for (const loop of [...loops].reverse()) {
    emitter.close()
    emitBranch(context, loop)
  }
}
