import { ByteWriter } from './byte-writer.js'
import { CodeEmitter } from './code-emitter.js'
import { CodePlaces } from './code-places.js'
import { eventKind, type FunctionCode } from './function-code.js'
import type { FunctionPoints } from './function-points.js'
import { HomeLocals } from './home-locals.js'
import { IntList } from './int-list.js'
import type { Liveness } from './liveness.js'
import { signatureOf, typeAt } from './module-layout.js'
import { Spiller } from './move-values.js'
import { op } from './opcodes.js'
import type { OutputPlan } from './output-plan.js'
import { blockSignature, i32, type Signature } from './value-types.js'
import { waitShape, waitSignature } from './waits.js'

const i32Alone = Uint8Array.of(i32)
const nothing = new Uint8Array()

/** A function while it is written: what is known about it, and the operations on homes that its two
 *  versions share. */
export class FunctionContext {
  /** Instructions of the body; declarations of locals and the twin's first part come before. */
  readonly out = new ByteWriter(1 << 16)
  readonly emitter: CodeEmitter
  /** Where what stands in `out` comes from. */
  readonly places = new CodePlaces()
  readonly homes = new HomeLocals()
  readonly #spiller: Spiller
  /** By event: level of a block's label in the output, and of the block that ends in the cold path
   *  of a loop. */
  readonly label = new IntList()
  readonly cold = new IntList()
  /** Operands of the whole function that lie in their homes, counted from the bottom. */
  homed = 0

  constructor(
    readonly plan: OutputPlan,
    readonly code: FunctionCode,
    readonly points: FunctionPoints,
    readonly liveness: Liveness,
  ) {
    this.emitter = new CodeEmitter(this.out, plan.types)
    this.#spiller = new Spiller(this.emitter, plan)
  }

  /** Begins one version of the function that was decoded. */
  reset(): void {
    const { code } = this
    this.out.clear()
    this.places.clear()
    this.emitter.level = 0
    this.homes.reset(code.locals.length)
    this.homed = 0
    for (const column of [this.label, this.cold]) {
      column.clear()
      for (let event = 0; event < code.events; event++) column.push(0)
    }
  }

  get signature(): Signature {
    return signatureOf(this.plan.layout, this.code.index)
  }

  /** Types of a block. */
  blockSignature(event: number): Signature {
    return blockSignature(this.code.a.at(event), this.plan.layout.types)
  }

  /** Types of a call or wait, without the table index of an indirect one. */
  callSignature(event: number): Signature {
    const a = this.code.a.at(event)
    switch (this.code.kind.at(event)) {
      case eventKind.wait:
        return waitSignature(a)
      case eventKind.call:
      case eventKind.returnCall:
        return signatureOf(this.plan.layout, a)
      default:
        return typeAt(this.plan.layout, a)
    }
  }

  /** What lies on the operand stack above the arguments: the table index of an indirect call, the
   *  condition of an if. */
  above(event: number): Uint8Array {
    const kind = this.code.kind.at(event)
    return kind === eventKind.callIndirect || kind === eventKind.if ? i32Alone : nothing
  }

  /** Moves operands off the stack into the homes of the places from `depth` on. */
  setHomes(types: Uint8Array, depth: number): void {
    for (let index = types.length - 1; index >= 0; index--) {
      this.emitter.localSet(this.homes.at(depth + index, types[index] ?? 0))
    }
  }

  /** Puts operands from their homes on the stack. */
  getHomes(types: Uint8Array, depth: number): void {
    for (let index = 0; index < types.length; index++) {
      this.emitter.localGet(this.homes.at(depth + index, types[index] ?? 0))
    }
  }

  /** Operands from a depth to below the event's height, by the types that the event keeps. */
  operandsBelow(event: number, from: number): Uint8Array {
    const { code } = this
    const height = code.height.at(event)
    const first = isBlock(code.kind.at(event)) ? code.baseOf(event) : 0
    const types = new Uint8Array(height - from)
    const place = code.below.at(event) - first
    for (let depth = from; depth < height; depth++) {
      types[depth - from] = code.types.at(place + depth)
    }
    return types
  }

  /** The call itself, whose arguments are on the stack. */
  emitCall(event: number): void {
    const { code, plan, emitter, out } = this
    const a = code.a.at(event)
    const b = code.b.at(event)
    switch (code.kind.at(event)) {
      case eventKind.call:
        emitter.call(plan.functionIndex(a))
        return
      case eventKind.wait:
        emitter.call(plan.waitStub(waitShape(a, b)))
        return
      default:
        out.byte(op.callIndirect)
        out.u32(a)
        out.u32(b)
    }
  }

  /** Sends a frame to the host and leaves the function. Operands are in their homes. */
  spill(point: number): void {
    const { code, points, homes } = this
    const spiller = this.#spiller
    const event = points.event.at(point)
    spiller.begin(code.index, point)
    for (let local = 0; local < code.locals.length; local++) {
      if (this.liveness.atPoint.has(point, local)) spiller.value(local, code.locals.at(local))
    }
    for (const [depth, type] of pointOperands(this, event).entries()) {
      spiller.value(homes.at(depth, type), type)
    }
    spiller.finish()
    this.emitter.zeros(this.signature.results)
    this.emitter.return()
  }

  /** Behind a call: leaves if the stack is being spilled. */
  check(point: number): void {
    this.emitter.globalGet(this.plan.unwindingGlobal)
    this.emitter.open(op.if)
    this.spill(point)
    this.emitter.close()
  }
}

export function isBlock(kind: number): boolean {
  return kind === eventKind.block || kind === eventKind.loop || kind === eventKind.if
}

/** Types of all operands of the function at a point: those under the loop and its parameters, those
 *  under the arguments of the call and its results. */
export function pointOperands(context: FunctionContext, event: number): Uint8Array {
  if (event === 0) return nothing
  const { code } = context
  if (code.kind.at(event) !== eventKind.loop) {
    const below = context.operandsBelow(event, 0)
    return concat(below, context.callSignature(event).results)
  }
  const parts: Uint8Array[] = [context.blockSignature(event).params]
  for (let block = event; block !== 0; block = code.parent.at(block)) {
    parts.unshift(context.operandsBelow(block, code.baseOf(block)))
  }
  return concat(...parts)
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
