import { eventKind } from './function-code.js'
import { type FunctionContext, isBlock } from './function-context.js'
import { NormalBody } from './normal-body.js'
import { op } from './opcodes.js'
import { emitTwinCall } from './twin-call.js'
import { emitDispatch, type Landing } from './twin-dispatch.js'
import type { WantedPoints } from './wanted-points.js'

/** Loops around a point of which an iteration is peeled off, the outermost first: each repeats what
 *  is inside. Those further inside are entered through a dispatch at their head, until the peeled
 *  iteration around them is over. */
const mostPeeled = 4

/**
 * Writes the twin of a function: the same code, entered at a stable point. A local holds the number
 * of the point until it is reached, then 0, which means: run on from here. What contains no wanted
 * point is written as in the normal version.
 *
 * A sequence of instructions becomes
 *
 *     block ... block                one for each *item*: a block or a call with wanted points
 *       dispatch on the point
 *       instructions in front of the first item; operands go to their homes
 *     end                            a landing: operands come back from their homes
 *     the first item
 *     instructions in front of the second item ...
 */
export class TwinBody {
  readonly #context: FunctionContext
  readonly #normal: NormalBody
  readonly #wanted: WantedPoints
  /** Local that holds the point. */
  readonly #point: number
  /** The sequence begins at its first item: nothing leads there but its landing. */
  #isAtLanding = false
  /** Peeled iterations that are open. */
  #peeled = 0
  /** Loops that are open and have a dispatch at their head. */
  readonly #headed = new Set<number>()

  constructor(context: FunctionContext, wanted: WantedPoints, point: number) {
    this.#context = context
    this.#normal = new NormalBody(context)
    this.#wanted = wanted
    this.#point = point
  }

  write(): void {
    const { code } = this.#context
    this.#normal.skipTo(0)
    let event = this.#beginSequence(1, code.events - 1, true)
    while (event < code.events) event = this.#step(event)
  }

  /** Writes an event, and what belongs to it; returns the next one. */
  #step(event: number): number {
    const { code } = this.#context
    const kind = code.kind.at(event)
    if (isBlock(kind)) {
      if (this.#isItem(event)) return this.#beginItem(event)
      this.#normal.range(event, code.match.at(event) + 1)
      return code.match.at(event) + 1
    }
    if (this.#isCallItem(event, kind)) {
      const isAtLanding = this.#takeLanding()
      this.#normal.flush(event)
      emitTwinCall(this.#context, event, this.#point, isAtLanding)
    } else if (kind === eventKind.else) this.#else(event)
    else if (kind === eventKind.end) this.#end(event)
    else this.#normal.event(event)
    return event + 1
  }

  #isItem(event: number): boolean {
    const { points } = this.#context
    return this.#wanted.isAny(points.lo.at(event), points.hi.at(event))
  }

  #isCallItem(event: number, kind: number): boolean {
    const isCall =
      kind === eventKind.call || kind === eventKind.callIndirect || kind === eventKind.wait
    return isCall && this.#isItem(event)
  }

  #takeLanding(): boolean {
    const isAtLanding = this.#isAtLanding
    this.#isAtLanding = false
    return isAtLanding
  }

  /**
   * Opens the landings of the items among events of one level and dispatches to them; returns the
   * event to go on with. Without `fromStart` that is the first item.
   */
  #beginSequence(from: number, to: number, fromStart: boolean): number {
    const { code, points, emitter } = this.#context
    const landings: Landing[] = []
    let first = to
    for (let event = from; event < to; event++) {
      const kind = code.kind.at(event)
      if ((isBlock(kind) || this.#isCallItem(event, kind)) && this.#isItem(event)) {
        if (landings.length === 0) first = event
        landings.push({ lo: points.lo.at(event), hi: points.hi.at(event) })
      }
      if (isBlock(kind)) event = code.match.at(event)
    }
    if (landings.length === 0) return from
    emitDispatch(emitter, this.#point, landings, fromStart)
    if (fromStart) return from
    this.#isAtLanding = true
    this.#normal.skipTo(first)
    return first
  }

  /** Writes the beginning of a block that holds a wanted point; returns the event to go on with. */
  #beginItem(event: number): number {
    const context = this.#context
    const { code, emitter } = context
    const kind = code.kind.at(event)
    const { params, results } = context.blockSignature(event)
    const height = code.height.at(event)
    const base = code.baseOf(event)
    const operands = context.operandsBelow(event, base)
    const condition = context.homes.scratch()
    const isAtLanding = this.#takeLanding()
    this.#normal.flush(event)
    if (!isAtLanding) {
      if (kind === eventKind.if) emitter.localSet(condition)
      context.setHomes(params, height)
      context.setHomes(operands, base)
    }
    emitter.close()
    context.getHomes(operands, base)
    context.homed = height
    if (kind === eventKind.loop && code.extra.at(event) > 0) return this.#beginLoop(event)
    if (kind === eventKind.if) this.#chooseBranch(event, condition)
    const level = emitter.open(kind === eventKind.if ? op.if : op.block, results)
    context.label.set(event, level)
    const hasElse = kind === eventKind.if && code.extra.at(event) >= 0
    const end = hasElse ? code.extra.at(event) : code.match.at(event)
    const next = this.#beginSequence(event + 1, end, true)
    context.getHomes(params, height)
    return next
  }

  /** The condition of an if: which branch holds the point, or what the guest said. */
  #chooseBranch(event: number, condition: number): void {
    const { code, emitter, points } = this.#context
    const otherwise = code.extra.at(event)
    emitter.localGet(this.#point)
    emitter.i32Const(otherwise < 0 ? points.hi.at(event) : points.mid.at(event))
    emitter.out.byte(op.i32LtU)
    emitter.localGet(condition)
    emitter.localGet(this.#point)
    emitter.out.byte(op.select)
  }

  /**
   * A loop that is repeated: one iteration is peeled off if a wanted point is inside, so that the
   * loop proper has one entry and costs what it costs in the normal version.
   *
   *     block exit; block cold; block again
   *       point is inside? else: br again
   *       the peeled iteration; br exit
   *     end; the loop; br exit; end; cold path; end
   */
  #beginLoop(event: number): number {
    const context = this.#context
    const { code, emitter, points } = context
    const { params, results } = context.blockSignature(event)
    const inside = points.lo.at(event) + 1
    if (!this.#wanted.isAny(inside, points.hi.at(event))) {
      this.#arrive()
      this.#normal.openLoop(event)
      this.#normal.range(event + 1, code.match.at(event) + 1)
      return code.match.at(event) + 1
    }
    if (this.#peeled === mostPeeled) return this.#beginHeaded(event)
    this.#peeled++
    emitter.open(op.block, results)
    context.cold.set(event, emitter.open(op.block, params))
    context.label.set(event, emitter.open(op.block, params))
    const again = emitter.level
    emitter.localGet(this.#point)
    emitter.i32Const(inside)
    emitter.out.byte(op.i32LtU)
    emitter.open(op.if)
    context.getHomes(params, code.height.at(event))
    emitter.br(again)
    emitter.close()
    return this.#beginSequence(event + 1, code.match.at(event), false)
  }

  /** A loop with a dispatch at its head, which runs from its beginning once the point is reached. */
  #beginHeaded(event: number): number {
    const context = this.#context
    const { code, emitter, points } = context
    const { params } = context.blockSignature(event)
    const height = code.height.at(event)
    emitter.localGet(this.#point)
    emitter.i32Const(points.lo.at(event))
    emitter.out.byte(op.i32Eq)
    emitter.open(op.if)
    this.#arrive()
    emitter.close()
    this.#normal.openLoop(event)
    context.setHomes(params, height)
    this.#headed.add(event)
    const next = this.#beginSequence(event + 1, code.match.at(event), true)
    context.getHomes(params, height)
    return next
  }

  #arrive(): void {
    this.#context.emitter.i32Const(0)
    this.#context.emitter.localSet(this.#point)
  }

  #else(event: number): void {
    const context = this.#context
    const { code, out } = context
    const block = code.a.at(event)
    this.#normal.flush(event)
    out.byte(op.else)
    context.homed = code.height.at(block)
    this.#beginSequence(event + 1, code.match.at(block), true)
    context.getHomes(context.blockSignature(block).params, code.height.at(block))
  }

  #end(event: number): void {
    const context = this.#context
    const { code, emitter, out } = context
    const block = code.a.at(event)
    const kind = code.kind.at(block)
    this.#normal.flush(event)
    if (kind === eventKind.loop && context.cold.at(block) !== 0) {
      if (this.#headed.delete(block)) this.#normal.end(block)
      else this.#endPeeled(block)
      return
    }
    const { params, results } = context.blockSignature(block)
    if (kind === eventKind.if && code.extra.at(block) < 0 && results.length > 0) {
      out.byte(op.else)
      context.getHomes(params, code.height.at(block))
    }
    emitter.close()
    if (block !== 0) context.homed = Math.min(context.homed, code.height.at(block))
  }

  /** Behind a peeled iteration: the loop proper. */
  #endPeeled(block: number): void {
    this.#peeled--
    const context = this.#context
    const { code, emitter } = context
    const { params } = context.blockSignature(block)
    const height = code.height.at(block)
    emitter.br(context.cold.at(block) - 1)
    emitter.close()
    context.setHomes(params, height)
    this.#arrive()
    context.homed = height
    this.#normal.openLoopInside(block)
    this.#normal.skipBehind(block)
    this.#normal.range(block + 1, code.match.at(block) + 1)
  }
}
