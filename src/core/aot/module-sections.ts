import { type ByteReader, invalidModule } from './byte-reader.js'
import { skipConstant } from './constant-expression.js'
import type { ExportEntry, ModuleLayout } from './module-layout.js'

/** The sections of a module that declare its index spaces (core specification 5.5.6 to 5.5.13). */

const hasMaximum = 1

/** Passes the limits of a memory or a table. */
export function skipLimits(reader: ByteReader): void {
  const flags = reader.byte()
  reader.skipLeb()
  if ((flags & hasMaximum) !== 0) reader.skipLeb()
}

export function readFunctions(reader: ByteReader, layout: ModuleLayout): void {
  const count = reader.u32()
  for (let index = 0; index < count; index++) layout.functionTypes.push(reader.u32())
}

export function readTables(reader: ByteReader, layout: ModuleLayout): void {
  const count = reader.u32()
  for (let index = 0; index < count; index++) {
    layout.tableTypes.push(reader.byte())
    skipLimits(reader)
  }
}

export function readGlobals(reader: ByteReader, layout: ModuleLayout): void {
  const count = reader.u32()
  for (let index = 0; index < count; index++) {
    layout.globalTypes.push(reader.byte())
    layout.globalIsMutable.push(reader.byte() !== 0)
    skipConstant(reader)
  }
}

export function readExports(reader: ByteReader): ExportEntry[] {
  const count = reader.u32()
  const entries: ExportEntry[] = []
  for (let index = 0; index < count; index++) {
    entries.push({ name: reader.vector(), kind: reader.byte(), index: reader.u32() })
  }
  return entries
}

export function readCodes(reader: ByteReader, layout: ModuleLayout): void {
  const count = reader.u32()
  for (let index = 0; index < count; index++) {
    const length = reader.u32()
    layout.codes.push(reader.position)
    reader.skip(length)
    layout.codes.push(reader.position)
  }
  if (!reader.atEnd)
    throw invalidModule('the code section has more than its bodies', reader.position)
}
