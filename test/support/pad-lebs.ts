/**
 * Rewrites a module so that every immediate of an instruction is as long as the format allows: what
 * the linkers of C toolchains leave behind, only more of it. Knows the instructions of the guests in
 * test/guests without prefixes; others are refused.
 */
export function padLebs(module: Uint8Array): Uint8Array {
  const reader = new Reader(module)
  const out = [...reader.take(8)]
  while (!reader.atEnd) {
    const [id = 0] = reader.take(1)
    const section = reader.take(reader.unsigned())
    const body = id === 10 ? padCode(new Reader(section)) : [...section]
    out.push(id, ...padded(BigInt(body.length), 5), ...body)
  }
  return Uint8Array.from(out)
}

const codeSectionOpcodes = {
  index: [0x0c, 0x0d, 0x10, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0xd2],
  indirect: [0x11, 0x13],
  block: [0x02, 0x03, 0x04],
  byte: [0x3f, 0x40, 0xd0],
}

function padCode(reader: Reader): number[] {
  const count = reader.unsigned()
  const out = padded(BigInt(count), 5)
  for (let i = 0; i < count; i++) {
    const body = padBody(new Reader(reader.take(reader.unsigned())))
    out.push(...padded(BigInt(body.length), 5), ...body)
  }
  return out
}

function padBody(reader: Reader): number[] {
  const groups = reader.unsigned()
  const out = padded(BigInt(groups), 5)
  for (let i = 0; i < groups; i++) {
    out.push(...padded(BigInt(reader.unsigned()), 5), ...reader.take(1))
  }
  while (!reader.atEnd) out.push(...padInstruction(reader))
  return out
}

function padInstruction(reader: Reader): number[] {
  const [opcode = 0] = reader.take(1)
  const index = (): number[] => padded(BigInt(reader.unsigned()), 5)
  if (opcode >= 0xfb) throw new Error(`opcode ${opcode} has a prefix`)
  if (codeSectionOpcodes.index.includes(opcode)) return [opcode, ...index()]
  if (codeSectionOpcodes.indirect.includes(opcode)) return [opcode, ...index(), ...index()]
  if (codeSectionOpcodes.byte.includes(opcode)) return [opcode, ...reader.take(1)]
  if (opcode >= 0x28 && opcode <= 0x3e) return [opcode, ...index(), ...index()]
  if (codeSectionOpcodes.block.includes(opcode)) {
    // A negative block type is one byte by definition.
    const type = reader.signed()
    return [opcode, ...padded(type, type < 0n ? 1 : 5)]
  }
  switch (opcode) {
    case 0x0e: {
      const targets = reader.unsigned()
      const out = [opcode, ...padded(BigInt(targets), 5)]
      for (let i = 0; i <= targets; i++) out.push(...index())
      return out
    }
    case 0x41:
      return [opcode, ...padded(reader.signed(), 5)]
    case 0x42:
      return [opcode, ...padded(reader.signed(), 10)]
    case 0x43:
      return [opcode, ...reader.take(4)]
    case 0x44:
      return [opcode, ...reader.take(8)]
    case 0x1c:
      return [opcode, ...index(), ...reader.take(1)]
    default:
      return [opcode]
  }
}

/** LEB128 of exactly that many bytes; signed numbers are continued with their sign. */
function padded(value: bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, at) => {
    const seven = Number((value >> BigInt(7 * at)) & 0x7fn)
    return at + 1 < bytes ? seven | 0x80 : seven
  })
}

class Reader {
  #at = 0
  constructor(readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length
  }

  take(count: number): Uint8Array {
    this.#at += count
    if (this.#at > this.bytes.length) throw new Error('the module is cut short')
    return this.bytes.subarray(this.#at - count, this.#at)
  }

  unsigned(): number {
    return Number(this.#leb().value)
  }

  signed(): bigint {
    const { value, bits } = this.#leb()
    return BigInt.asIntN(bits, value)
  }

  #leb(): { readonly value: bigint; readonly bits: number } {
    let value = 0n
    for (let bits = 0; ; ) {
      const [byte = 0] = this.take(1)
      value |= BigInt(byte & 0x7f) << BigInt(bits)
      bits += 7
      if (byte < 0x80) return { value, bits }
    }
  }
}
