import { type ByteReader, invalidModule } from './byte-reader.js'
import { DecodeControl } from './decode-control.js'
import { eventKind, type FunctionCode } from './function-code.js'
import { type ModuleLayout, signatureOf, typeAt } from './module-layout.js'
import { atomicWait32, atomicWait64, op, tableGrow } from './opcodes.js'
import type { OperandTypes } from './operand-types.js'
import { skipDead } from './skip-dead.js'
import {
  atomicEffects,
  bytesOf,
  known,
  lebsOf,
  miscEffects,
  plainEffects,
  popsOf,
  resultOf,
  vectorEffects,
} from './stack-effects.js'
import { funcref } from './value-types.js'
import { waitSignature } from './waits.js'

/** Decodes the instructions of one body: follows the types on the operand stack, and records events. */
export class BodyDecoder {
  readonly #layout: ModuleLayout
  readonly #code: FunctionCode
  readonly #operands: OperandTypes
  readonly #reader: ByteReader
  readonly #control: DecodeControl

  constructor(
    layout: ModuleLayout,
    code: FunctionCode,
    operands: OperandTypes,
    reader: ByteReader,
  ) {
    this.#layout = layout
    this.#code = code
    this.#operands = operands
    this.#reader = reader
    this.#control = new DecodeControl(layout, code, operands, reader)
  }

  run(): void {
    const control = this.#control
    while (!control.isDone) {
      const at = this.#reader.position
      const opcode = this.#reader.byte()
      if (!control.step(opcode, at)) this.#step(opcode, at)
      if (control.isDead) skipDead(this.#reader, this.#code, this.#operands.takeLow())
    }
  }

  #step(opcode: number, at: number): void {
    switch (opcode) {
      case op.call:
      case op.returnCall:
      case op.callIndirect:
      case op.returnCallIndirect:
        this.#call(opcode, at)
        return
      case op.misc:
        this.#misc(this.#reader.u32())
        return
      case op.vector:
        this.#plain(vectorEffects[this.#reader.u32()])
        return
      case op.atomic:
        this.#atomic(at)
        return
      case op.memorySize:
      case op.memoryGrow:
        this.#code.usesMemorySize = true
        this.#plain(plainEffects[opcode])
        return
      default: {
        const effect = plainEffects[opcode]
        if (effect !== undefined && effect !== 0 && opcode !== op.refFunc) this.#plain(effect)
        else this.#special(opcode, at)
      }
    }
  }

  #misc(code: number): void {
    const reader = this.#reader
    if (code === tableGrow) {
      const start = reader.position
      this.#code.grownTables.add(reader.u32())
      reader.position = start
    }
    this.#plain(miscEffects[code])
  }

  /** An instruction whose types depend on what it names, or on its operands. */
  #special(opcode: number, at: number): void {
    const operands = this.#operands
    const reader = this.#reader
    switch (opcode) {
      case op.localGet:
        this.#local(eventKind.localGet, at)
        return
      case op.localSet:
        operands.pop(1)
        this.#local(eventKind.localSet, at)
        return
      case op.localTee:
        operands.pop(1)
        this.#local(eventKind.localTee, at)
        return
      case op.globalGet:
        operands.push(this.#layout.globalTypes[reader.u32()] ?? 0)
        return
      case op.tableGet:
        operands.pop(1)
        operands.push(this.#layout.tableTypes[reader.u32()] ?? 0)
        return
      case op.select:
        operands.pop(2)
        operands.push(operands.pop(1))
        return
      case op.selectTyped: {
        const [type = 0] = reader.vector()
        operands.pop(3)
        operands.push(type)
        return
      }
      case op.refNull:
        operands.push(reader.byte())
        return
      case op.refFunc: {
        const index = reader.u32()
        this.#code.push(eventKind.refFunc, at, reader.position, operands.takeLow(), index)
        operands.push(funcref)
        return
      }
      default:
        throw invalidModule(`opcode ${opcode} is not known`, at)
    }
  }

  #plain(effect: number | undefined): void {
    const reader = this.#reader
    if (effect === undefined || (effect & known) === 0) {
      throw invalidModule('an instruction is not known', reader.position - 1)
    }
    for (let leb = lebsOf(effect); leb > 0; leb--) reader.skipLeb()
    reader.skip(bytesOf(effect))
    this.#operands.pop(popsOf(effect))
    const result = resultOf(effect)
    if (result !== 0) this.#operands.push(result)
  }

  #local(kind: number, at: number): void {
    const index = this.#reader.u32()
    this.#code.push(kind, at, this.#reader.position, this.#operands.takeLow(), index)
    if (kind !== eventKind.localSet) this.#operands.push(this.#code.locals.at(index))
  }

  #call(opcode: number, at: number): void {
    const control = this.#control
    const index = this.#reader.u32()
    if (opcode === op.call || opcode === op.returnCall) {
      const kind = opcode === op.call ? eventKind.call : eventKind.returnCall
      control.call(kind, at, signatureOf(this.#layout, index), index, 0)
    } else {
      const table = this.#reader.u32()
      const isTail = opcode === op.returnCallIndirect
      const kind = isTail ? eventKind.returnCallIndirect : eventKind.callIndirect
      this.#operands.pop(1)
      control.call(kind, at, typeAt(this.#layout, index), index, table)
    }
  }

  /** Waits are calls of the host, in effect; other atomic instructions are plain. */
  #atomic(at: number): void {
    const reader = this.#reader
    const sub = reader.u32()
    if (sub !== atomicWait32 && sub !== atomicWait64) {
      this.#plain(atomicEffects[sub])
      return
    }
    reader.skipLeb()
    const offset = reader.u32()
    const width = sub === atomicWait32 ? 32 : 64
    this.#control.call(eventKind.wait, at, waitSignature(width), width, offset)
  }
}
