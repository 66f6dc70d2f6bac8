import type { ByteWriter } from './byte-writer.js'
import type { CodeEmitter } from './code-emitter.js'
import { type HostImport, hostImports } from './interface-names.js'
import { op, vectorExtractI64, vectorReplaceI64, vectorSplatI64 } from './opcodes.js'
import { mostSpilledAtOnce, type OutputPlan } from './output-plan.js'
import { externref, f32, f64, funcref, i32, v128 } from './value-types.js'

/** Sends locals to the host as 64-bit integers, four at a time. */
export class Spiller {
  #waiting = 0

  constructor(
    readonly emitter: CodeEmitter,
    readonly plan: OutputPlan,
  ) {}

  begin(frame: number, point: number): void {
    this.emitter.i32Const(frame)
    this.emitter.i32Const(point)
    this.emitter.call(this.plan.frameHelper)
  }

  value(local: number, type: number): void {
    const { emitter } = this
    const { out } = emitter
    if (type === externref) {
      // Null is -1. What the host's references mean nobody else knows: they are 0.
      out.put(op.i64Const, 0)
      emitter.localGet(local)
      out.put(op.refIsNull, op.i64ExtendI32U, op.i64Sub)
    } else if (type === funcref) {
      emitter.localGet(local)
      emitter.call(this.plan.hostImport(hostImports.functionIndex))
      out.byte(op.i64ExtendI32S)
    } else {
      const get = (): void => emitter.localGet(local)
      writeBits(out, type, get, () => this.#pushed())
    }
    this.#pushed()
  }

  /** Sends what still waits on the operand stack. */
  finish(): void {
    if (this.#waiting > 0) this.emitter.call(this.plan.spillHelper(this.#waiting))
    this.#waiting = 0
  }

  #pushed(): void {
    this.#waiting++
    if (this.#waiting === mostSpilledAtOnce) this.finish()
  }
}

/** The bits of a number as an i64, those of a vector as two, with `between` behind the first. */
export function writeBits(
  out: ByteWriter,
  type: number,
  get: () => void,
  between: () => void = () => {},
): void {
  get()
  switch (type) {
    case i32:
      out.byte(op.i64ExtendI32U)
      return
    case f32:
      out.put(op.i32ReinterpretF32, op.i64ExtendI32U)
      return
    case f64:
      out.byte(op.i64ReinterpretF64)
      return
    case v128:
      out.put(op.vector, vectorExtractI64, 0)
      between()
      get()
      out.put(op.vector, vectorExtractI64, 1)
  }
}

/** The reverse: a value of a type from the i64 that `low` gives, of a vector that `high` gives too. */
export function writeFromBits(
  out: ByteWriter,
  type: number,
  low: () => void,
  high: () => void,
): void {
  low()
  switch (type) {
    case i32:
      out.byte(op.i32WrapI64)
      return
    case f32:
      out.put(op.i32WrapI64, op.f32ReinterpretI32)
      return
    case f64:
      out.byte(op.f64ReinterpretI64)
      return
    case v128:
      out.put(op.vector, vectorSplatI64)
      high()
      out.put(op.vector, vectorReplaceI64, 1)
  }
}

/** Sets a local to what the host has for a slot of the frame that was entered. */
export function reload(
  emitter: CodeEmitter,
  plan: OutputPlan,
  slot: number,
  local: number,
  type: number,
): void {
  // A reference of the host's that is not null is refused before.
  if (type === externref) return
  const from = (half: HostImport) => (): void => {
    emitter.i32Const(slot)
    emitter.call(plan.hostImport(half))
  }
  const bits = type === funcref ? i32 : type
  writeFromBits(emitter.out, bits, from(hostImports.reload), from(hostImports.reloadHigh))
  if (type === funcref) emitter.call(plan.hostImport(hostImports.functionAt))
  emitter.localSet(local)
}
