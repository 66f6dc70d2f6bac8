import type { FunctionContext } from './function-context.js'
import { hostImports } from './interface-names.js'
import { op } from './opcodes.js'

/**
 * Writes a call that is a landing of a twin:
 *
 *     arguments and operands to their homes
 *     end                                the landing
 *     block behind
 *       if (point)
 *         point = 0
 *         no frame is above: br behind   the results came with the frame
 *         call the twin of the frame above
 *       else
 *         the call
 *       end
 *       results to their homes; check
 *     end
 *     operands and results from their homes
 */
export function emitTwinCall(
  context: FunctionContext,
  event: number,
  point: number,
  isAtLanding: boolean,
): void {
  const { code, emitter, homes, out, plan, points } = context
  const { params, results } = context.callSignature(event)
  const height = code.height.at(event)
  const base = code.baseOf(event)
  const operands = context.operandsBelow(event, base)
  const above = context.above(event)
  if (!isAtLanding) {
    context.setHomes(above, height + params.length)
    context.setHomes(params, height)
    context.setHomes(operands, base)
  }
  emitter.close()

  const behind = emitter.open(op.block)
  emitter.localGet(point)
  emitter.open(op.if, results)
  emitter.i32Const(0)
  emitter.localSet(point)
  emitter.call(plan.hostImport(hostImports.callee))
  emitter.localTee(homes.scratch())
  emitter.i32Const(0)
  out.byte(op.i32LtS)
  emitter.br(behind, op.brIf)
  emitter.localGet(homes.scratch())
  out.byte(op.callIndirect)
  out.u32(plan.twinType({ results }))
  out.u32(plan.twinTable)
  out.byte(op.else)
  context.getHomes(params, height)
  context.getHomes(above, height + params.length)
  context.emitCall(event)
  emitter.close()
  context.setHomes(results, height)
  context.check(points.lo.at(event))
  emitter.close()

  context.getHomes(operands, base)
  context.getHomes(results, height)
  context.homed = height + results.length
}
