import { nativeCall } from '../errors.js'
import type { NativeBinding } from '../native.js'

/** Granularity of extents, in bytes. */
export const pageBytes = 4096

const headerBytes = 32
const extentBytes = 12
const hashBytes = 16

/** A run of pages whose contents stand in one image at the same offset as in memory. */
export interface Extent {
  /** Bytes from the start of memory and of the file. */
  readonly offset: number
  readonly length: number
  /** Position in the list of images; 0 is the snapshot's own. */
  readonly image: number
}

/** Reads the extents of "memory-N.idx". The layout is in docs/snapshot-format.md.
 *  @throws WasmshError SNAPSHOT_CORRUPT, SNAPSHOT_FORMAT */
export function readExtents(native: NativeBinding, index: Uint8Array): readonly Extent[] {
  // Checks the whole file: magic, version, checksum, order and bounds of the extents.
  nativeCall(() => native.describeIndex(index))
  const view = new DataView(index.buffer, index.byteOffset, index.byteLength)
  const extents: Extent[] = []
  for (let count = view.getUint32(24, true), at = headerBytes; count > 0; count--) {
    extents.push({
      offset: view.getUint32(at, true) * pageBytes,
      length: view.getUint32(at + 4, true) * pageBytes,
      image: view.getUint32(at + 8, true),
    })
    at += extentBytes
  }
  return extents
}

/** Writes the index of the same memory with other extents; the checksums of blocks stay. */
export function replaceExtents(
  native: NativeBinding,
  index: Uint8Array,
  extents: readonly Extent[],
): Uint8Array {
  const before = new DataView(index.buffer, index.byteOffset, index.byteLength)
  const hashesAt = headerBytes + before.getUint32(24, true) * extentBytes
  const hashes = index.subarray(hashesAt, index.length - hashBytes)
  const bytes = new Uint8Array(headerBytes + extents.length * extentBytes + hashes.length)
  bytes.set(index.subarray(0, headerBytes))
  const view = new DataView(bytes.buffer)
  view.setUint32(24, extents.length, true)
  let at = headerBytes
  for (const { offset, length, image } of extents) {
    view.setUint32(at, offset / pageBytes, true)
    view.setUint32(at + 4, length / pageBytes, true)
    view.setUint32(at + 8, image, true)
    at += extentBytes
  }
  bytes.set(hashes, at)
  return Buffer.concat([bytes, Buffer.from(native.xxh3(bytes), 'hex')])
}

/** Joins neighbours after all extents were moved into image 0. */
export function mergeExtents(extents: readonly Extent[]): readonly Extent[] {
  const merged: Extent[] = []
  for (const { offset, length } of extents) {
    const last = merged.at(-1)
    if (last !== undefined && last.offset + last.length === offset) {
      merged[merged.length - 1] = { ...last, length: last.length + length }
    } else {
      merged.push({ offset, length, image: 0 })
    }
  }
  return merged
}
