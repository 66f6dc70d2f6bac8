import { type ByteReader, invalidModule } from './byte-reader.js'
import type { Signature } from './value-types.js'

const functionForm = 0x60

/** Reads the type section (core specification 5.5.4); GC's forms are refused before. */
export function readTypes(reader: ByteReader, types: Signature[]): void {
  const count = reader.u32()
  for (let index = 0; index < count; index++) {
    if (reader.byte() !== functionForm) {
      throw invalidModule('a type is none of a function', reader.position - 1)
    }
    types.push({ params: reader.vector(), results: reader.vector() })
  }
}
