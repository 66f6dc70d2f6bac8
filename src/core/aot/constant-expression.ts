import { type ByteReader, invalidModule } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { op, vectorConst } from './opcodes.js'
import { bytesOf, known, lebsOf, plainEffects } from './stack-effects.js'

/** Passes a constant expression, extended ones (arithmetic) included, with its `end`. */
export function skipConstant(reader: ByteReader): void {
  while (passInstruction(reader) !== op.end);
}

/** Copies one, with the functions that it names under their new indices. */
export function copyConstant(
  reader: ByteReader,
  out: ByteWriter,
  newIndex: (functionIndex: number) => number,
): void {
  let opcode: number
  do {
    const start = reader.position
    opcode = passInstruction(reader)
    if (opcode === op.refFunc) {
      reader.position = start + 1
      out.byte(op.refFunc)
      out.u32(newIndex(reader.u32()))
    } else {
      out.copy(reader.bytes, start, reader.position)
    }
  } while (opcode !== op.end)
}

/** Passes one instruction; returns its opcode. */
function passInstruction(reader: ByteReader): number {
  const opcode = reader.byte()
  switch (opcode) {
    case op.end:
      return opcode
    case op.globalGet:
    case op.refNull:
      reader.skipLeb()
      return opcode
    case op.vector:
      if (reader.u32() !== vectorConst) break
      reader.skip(16)
      return opcode
    default: {
      const effect = plainEffects[opcode] ?? 0
      if ((effect & known) === 0) break
      for (let leb = 0; leb < lebsOf(effect); leb++) reader.skipLeb()
      reader.skip(bytesOf(effect))
      return opcode
    }
  }
  throw invalidModule(`opcode ${opcode} is in a constant expression`, reader.position)
}
