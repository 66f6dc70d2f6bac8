import { emitBranch, emitBranchIf, emitBranchTable } from './emit-branches.js'
import { eventKind, type FunctionCode } from './function-code.js'
import type { FunctionContext } from './function-context.js'
import { op } from './opcodes.js'

/**
 * Writes events in the version that runs from its beginning: polls at branches back to loops, checks
 * behind calls that may suspend, and their cold paths. Everything else is copied.
 */
export class NormalBody {
  readonly #context: FunctionContext
  /** Up to where the module's bytes were copied or replaced. */
  #copied = 0

  constructor(context: FunctionContext) {
    this.#context = context
  }

  /** Leaves out what stands in front of an event. */
  skipTo(event: number): void {
    this.#copied = this.#code.at.at(event)
  }

  /** Leaves out, or repeats, what stands between here and the end of an event. */
  skipBehind(event: number): void {
    this.#copied = this.#code.end.at(event)
  }

  /** Writes the events from one to before another, which is at the same level. */
  range(from: number, to: number): void {
    for (let event = from; event < to; event++) this.event(event)
  }

  /** Copies the plain instructions in front of an event and takes the event's place. */
  flush(event: number): void {
    const { code, out, places, plan } = this.#context
    const at = code.at.at(event)
    if (this.#copied < at) {
      places.run(out.length, this.#copied - code.codeStart)
      out.copy(plan.layout.bytes, this.#copied, at)
    }
    places.fixed(out.length, at - code.codeStart)
    this.#copied = code.end.at(event)
  }

  /** Writes one event and the plain instructions in front of it. */
  event(event: number): void {
    const context = this.#context
    const { code, out, plan } = context
    context.homed = Math.min(context.homed, code.low.at(event))
    switch (code.kind.at(event)) {
      case eventKind.block:
      case eventKind.loop:
      case eventKind.if:
        this.#begin(event)
        return
      case eventKind.else:
        this.flush(event)
        out.byte(op.else)
        return
      case eventKind.end:
        this.flush(event)
        this.end(code.a.at(event))
        return
      case eventKind.br:
        this.flush(event)
        emitBranch(context, code.a.at(event))
        return
      case eventKind.brIf:
        this.flush(event)
        emitBranchIf(context, code.a.at(event))
        return
      case eventKind.brTable:
        this.flush(event)
        emitBranchTable(context, event)
        return
      case eventKind.call:
      case eventKind.callIndirect:
      case eventKind.wait:
        this.flush(event)
        if (context.points.has(event)) {
          this.#callPoint(event)
          return
        }
        context.emitCall(event)
        return
      case eventKind.returnCall:
        this.flush(event)
        out.byte(op.returnCall)
        out.u32(plan.functionIndex(code.a.at(event)))
        return
      case eventKind.refFunc:
        this.flush(event)
        out.byte(op.refFunc)
        out.u32(plan.functionIndex(code.a.at(event)))
        return
      case eventKind.dead:
        this.flush(event)
        return
      default:
        // Locals, return, unreachable, return_call_indirect: as they are.
        return
    }
  }

  /** Opens a loop that is a stable point, whose parameters are in their homes. */
  openLoop(event: number): void {
    const context = this.#context
    const { emitter, code } = context
    const { params, results } = context.blockSignature(event)
    emitter.open(op.block, results)
    context.cold.set(event, emitter.open(op.block, params))
    this.openLoopInside(event)
    context.homed = code.height.at(event)
  }

  /** Opens the loop itself, inside the blocks of its exit and of its cold path. */
  openLoopInside(event: number): void {
    const context = this.#context
    const { code, emitter, plan } = context
    context.getHomes(context.blockSignature(event).params, code.height.at(event))
    const type = plan.layout.bytes.subarray(code.at.at(event) + 1, code.end.at(event))
    context.label.set(event, emitter.openAs(op.loop, type))
  }

  /** Ends a block; behind a loop that is a stable point, its cold path. */
  end(block: number): void {
    const context = this.#context
    const { code, emitter, points } = context
    if (code.kind.at(block) !== eventKind.loop || context.cold.at(block) === 0) {
      emitter.close()
      return
    }
    const cold = context.cold.at(block)
    emitter.close()
    emitter.br(cold - 1)
    emitter.close()
    context.setHomes(context.blockSignature(block).params, code.height.at(block))
    context.spill(points.lo.at(block))
    emitter.close()
    context.homed = Math.min(context.homed, code.height.at(block))
  }

  get #code(): FunctionCode {
    return this.#context.code
  }

  #begin(event: number): void {
    const context = this.#context
    const { code, emitter, points, plan } = context
    this.flush(event)
    const kind = code.kind.at(event)
    const { params } = context.blockSignature(event)
    const isLoopPoint = kind === eventKind.loop && code.extra.at(event) > 0 && points.has(event)
    if (points.has(event)) this.#home(event, params)
    if (isLoopPoint) {
      context.setHomes(params, code.height.at(event))
      this.openLoop(event)
      return
    }
    const { bytes } = plan.layout
    const opcode = bytes[code.at.at(event)] ?? 0
    const type = bytes.subarray(code.at.at(event) + 1, code.end.at(event))
    context.label.set(event, emitter.openAs(opcode, type))
  }

  /** Sees to it that all operands under an event's own are in their homes; they stay on the stack. */
  #home(event: number, own: Uint8Array): void {
    const context = this.#context
    const { code, emitter, homed } = context
    const height = code.height.at(event)
    if (homed >= height) return
    const missing = context.operandsBelow(event, homed)
    const above = context.above(event)
    if (own.length + above.length === 0 && missing.length === 1) {
      emitter.localTee(context.homes.at(homed, missing[0] ?? 0))
    } else {
      context.setHomes(above, height + own.length)
      context.setHomes(own, height)
      context.setHomes(missing, homed)
      context.getHomes(missing, homed)
      context.getHomes(own, height)
      context.getHomes(above, height + own.length)
    }
    context.homed = height
  }

  #callPoint(event: number): void {
    const context = this.#context
    const { code, emitter, points } = context
    const { params, results } = context.callSignature(event)
    const height = code.height.at(event)
    this.#home(event, params)
    context.emitCall(event)
    const only = results.length === 1 ? results[0] : undefined
    if (only === undefined) context.setHomes(results, height)
    else emitter.localTee(context.homes.at(height, only))
    context.check(points.lo.at(event))
    if (only === undefined) context.getHomes(results, height)
    context.homed = height + results.length
  }
}
