import type { ByteWriter } from './byte-writer.js'
import { op, vectorConst } from './opcodes.js'
import type { TypeList } from './type-list.js'
import { emptyBlock, externref, f32, f64, funcref, i32, i64, v128 } from './value-types.js'

/** Writes instructions, and keeps count of the blocks that are open. */
export class CodeEmitter {
  /** Blocks that are open. The function itself is level 0. */
  level = 0

  constructor(
    readonly out: ByteWriter,
    readonly types: TypeList,
  ) {}

  localGet(index: number): void {
    this.out.byte(op.localGet)
    this.out.u32(index)
  }

  localSet(index: number): void {
    this.out.byte(op.localSet)
    this.out.u32(index)
  }

  localTee(index: number): void {
    this.out.byte(op.localTee)
    this.out.u32(index)
  }

  globalGet(index: number): void {
    this.out.byte(op.globalGet)
    this.out.u32(index)
  }

  i32Const(value: number): void {
    this.out.byte(op.i32Const)
    this.out.s32(value)
  }

  call(index: number): void {
    this.out.byte(op.call)
    this.out.u32(index)
  }

  return(): void {
    this.out.byte(op.return)
  }

  /** Opens a block, loop or if without parameters; returns its level. */
  open(opcode: number, results?: Uint8Array): number {
    this.out.byte(opcode)
    if (results === undefined) this.out.byte(emptyBlock)
    else this.types.writeBlockType(this.out, results)
    return ++this.level
  }

  /** Opens one with the block type that stands in the module. */
  openAs(opcode: number, blockType: Uint8Array): number {
    this.out.byte(opcode)
    this.out.copy(blockType)
    return ++this.level
  }

  /** Opens one that takes values of some types from the stack, and gives as many of the same. */
  openPassing(opcode: number, types: Uint8Array): number {
    this.out.byte(opcode)
    if (types.length === 0) this.out.byte(emptyBlock)
    else this.out.s32(this.types.indexOf(types, types))
    return ++this.level
  }

  close(): void {
    this.out.byte(op.end)
    this.level--
  }

  /** Branches to the label of the block that was opened at a level. */
  br(level: number, opcode: number = op.br): void {
    this.out.byte(opcode)
    this.out.u32(this.level - level)
  }

  /** A zero or null of each type. */
  zeros(types: Uint8Array): void {
    for (const type of types) writeZero(this.out, type)
  }
}

/** An instruction that gives a value whose bits are all zero, or null. */
function writeZero(out: ByteWriter, type: number): void {
  switch (type) {
    case i32:
      out.put(op.i32Const, 0)
      return
    case i64:
      out.put(op.i64Const, 0)
      return
    case f32:
      out.put(op.f32Const, 0, 0, 0, 0)
      return
    case f64:
      out.put(op.f64Const, 0, 0, 0, 0, 0, 0, 0, 0)
      return
    case v128:
      out.put(op.vector, vectorConst, ...new Uint8Array(16))
      return
    case funcref:
    case externref:
      out.put(op.refNull, type)
      return
    default:
      throw new Error(`value type ${type} has no zero`)
  }
}
