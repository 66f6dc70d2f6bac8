import type { ByteReader } from './byte-reader.js'
import { eventKind, type FunctionCode } from './function-code.js'
import { IntList } from './int-list.js'
import type { ModuleLayout } from './module-layout.js'
import { op } from './opcodes.js'
import type { OperandTypes } from './operand-types.js'
import { blockSignature, type Signature } from './value-types.js'

/** The structured control of a body while it is decoded: blocks that are open, and branches. */
export class DecodeControl {
  readonly #layout: ModuleLayout
  readonly #code: FunctionCode
  readonly #operands: OperandTypes
  readonly #reader: ByteReader
  /** Events of the blocks that are open, the function first. */
  readonly #open = new IntList()
  /** The last instruction leaves: what follows cannot be reached. */
  isDead = false

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
    this.#open.push(code.push(eventKind.function, code.codeStart, code.codeStart, 0))
  }

  /** The function's own end was reached. */
  get isDone(): boolean {
    return this.#open.length === 0
  }

  /** Handles an instruction of structured control; false for any other. */
  step(opcode: number, at: number): boolean {
    this.isDead = false
    switch (opcode) {
      case op.block:
        this.#begin(eventKind.block, at)
        return true
      case op.loop:
        this.#begin(eventKind.loop, at)
        return true
      case op.if:
        this.#operands.pop(1)
        this.#begin(eventKind.if, at)
        return true
      case op.else:
        this.#else(at)
        return true
      case op.end:
        this.#end(at)
        return true
      case op.br:
      case op.brIf:
        this.#branch(opcode, at)
        return true
      case op.brTable:
        this.#branchTable(at)
        return true
      case op.return:
      case op.unreachable:
        this.#push(eventKind.leave, at)
        this.isDead = true
        return true
      default:
        return false
    }
  }

  /** A call of any kind, whose immediates are read and whose table index is popped. */
  call(kind: number, at: number, { params, results }: Signature, a: number, b: number): void {
    const operands = this.#operands
    operands.pop(params.length)
    const event = this.#push(kind, at, a, b)
    const { height, parent, below, types } = this.#code
    height.set(event, operands.height)
    parent.set(event, this.#open.last())
    below.set(event, types.length)
    for (let index = 0; index < operands.height; index++) types.push(operands.at(index))
    operands.pushAll(results)
    this.isDead = kind === eventKind.returnCall || kind === eventKind.returnCallIndirect
  }

  #push(kind: number, at: number, a = 0, b = 0): number {
    return this.#code.push(kind, at, this.#reader.position, this.#operands.takeLow(), a, b)
  }

  #begin(kind: number, at: number): void {
    const operands = this.#operands
    const blockType = this.#reader.s33()
    const { params } = blockSignature(blockType, this.#layout.types)
    const event = this.#push(kind, at, blockType)
    const { height, parent, below, level, types } = this.#code
    const around = this.#open.last()
    const under = operands.height - params.length
    height.set(event, under)
    parent.set(event, around)
    level.set(event, this.#open.length)
    below.set(event, types.length)
    for (let index = height.at(around); index < under; index++) types.push(operands.at(index))
    this.#open.push(event)
    this.#code.depth = Math.max(this.#code.depth, this.#open.length)
  }

  #else(at: number): void {
    const block = this.#open.last()
    this.#operands.cutTo(this.#code.height.at(block))
    this.#code.extra.set(block, this.#push(eventKind.else, at, block))
    this.#operands.pushAll(this.#signature(block).params)
  }

  #end(at: number): void {
    const block = this.#open.pop()
    this.#operands.cutTo(this.#code.height.at(block))
    this.#code.match.set(block, this.#push(eventKind.end, at, block))
    if (block !== 0) this.#operands.pushAll(this.#signature(block).results)
  }

  #branch(opcode: number, at: number): void {
    const target = this.#target()
    if (opcode === op.br) {
      this.#push(eventKind.br, at, target)
      this.isDead = true
    } else {
      this.#operands.pop(1)
      this.#push(eventKind.brIf, at, target)
    }
  }

  #branchTable(at: number): void {
    this.#operands.pop(1)
    const { targets } = this.#code
    const first = targets.length
    const count = this.#reader.u32() + 1
    for (let index = 0; index < count; index++) targets.push(this.#target())
    this.#push(eventKind.brTable, at, first, count)
    this.isDead = true
  }

  /** Reads a label; counts branches back to loops. */
  #target(): number {
    const open = this.#open
    const event = open.at(open.length - 1 - this.#reader.u32())
    const { kind, extra } = this.#code
    if (kind.at(event) === eventKind.loop) extra.set(event, extra.at(event) + 1)
    return event
  }

  #signature(block: number): Signature {
    return blockSignature(this.#code.a.at(block), this.#layout.types)
  }
}
