import { type ByteReader, invalidModule } from './byte-reader.js'
import { eventKind, type FunctionCode } from './function-code.js'
import { op } from './opcodes.js'
import {
  atomicEffects,
  bytesOf,
  known,
  lebsOf,
  miscEffects,
  plainEffects,
  vectorEffects,
} from './stack-effects.js'

/** Passes what stands behind an unconditional branch, up to the else or end of its block, as one
 *  event; none when there is nothing. */
export function skipDead(reader: ByteReader, code: FunctionCode, low: number): void {
  const start = reader.position
  let depth = 0
  for (;;) {
    const at = reader.position
    const opcode = reader.byte()
    const isEnd = opcode === op.end
    if (depth === 0 && (isEnd || opcode === op.else)) {
      reader.position = at
      break
    }
    if (isEnd) depth--
    else if (opcode !== op.else && skipInstruction(opcode, reader)) depth++
  }
  if (reader.position > start) code.push(eventKind.dead, start, reader.position, low)
}

/** Passes the immediates of an instruction; true for one that begins a block. */
function skipInstruction(opcode: number, reader: ByteReader): boolean {
  switch (opcode) {
    case op.block:
    case op.loop:
    case op.if:
      reader.skipLeb()
      return true
    case op.unreachable:
    case op.return:
    case op.select:
      return false
    case op.br:
    case op.brIf:
    case op.call:
    case op.returnCall:
    case op.localGet:
    case op.localSet:
    case op.localTee:
    case op.globalGet:
    case op.tableGet:
    case op.refNull:
      reader.skipLeb()
      return false
    case op.callIndirect:
    case op.returnCallIndirect:
      reader.skipLeb()
      reader.skipLeb()
      return false
    case op.selectTyped:
      reader.vector()
      return false
    case op.brTable:
      for (let count = reader.u32(); count >= 0; count--) reader.skipLeb()
      return false
    case op.misc:
      return skipPlain(miscEffects[reader.u32()], reader)
    case op.vector:
      return skipPlain(vectorEffects[reader.u32()], reader)
    case op.atomic:
      return skipPlain(atomicEffects[reader.u32()], reader)
    default:
      return skipPlain(plainEffects[opcode], reader)
  }
}

function skipPlain(effect: number | undefined, reader: ByteReader): false {
  if (effect === undefined || (effect & known) === 0) {
    throw invalidModule('an instruction is not known', reader.position - 1)
  }
  for (let leb = lebsOf(effect); leb > 0; leb--) reader.skipLeb()
  reader.skip(bytesOf(effect))
  return false
}
