import { atomicWait32, atomicWait64 } from './opcodes.js'
import { i32, i64, type Signature } from './value-types.js'

/** A kind of wait on memory that a module contains: each pair of width and static offset once. */
export interface WaitShape {
  readonly width: 32 | 64
  readonly offset: number
}

/** A static offset is an unsigned number that was kept in 32 bits. */
export function waitShape(width: number, offset: number): WaitShape {
  return { width: width === 32 ? 32 : 64, offset: offset >>> 0 }
}

const results = Uint8Array.of(i32)
const wait32: Signature = { params: Uint8Array.of(i32, i32, i64), results }
const wait64: Signature = { params: Uint8Array.of(i32, i64, i64), results }

/** Takes address, expected value and time-out; gives how it ended. */
export function waitSignature(width: number): Signature {
  return width === 32 ? wait32 : wait64
}

/** What stands behind the prefix, and the logarithm of the alignment. */
export function waitInstruction(width: number): readonly [opcode: number, alignment: number] {
  return width === 32 ? [atomicWait32, 2] : [atomicWait64, 3]
}
