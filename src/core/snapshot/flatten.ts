import { type FileHandle, open } from 'node:fs/promises'
import type { NativeBinding } from '../native.js'
import { mergeExtents, readExtents, replaceExtents } from './memory-index.js'

const chunkBytes = 1024 * 1024

/** A stored linear memory. */
export interface StoredMemory {
  readonly index: Uint8Array
  readonly images: readonly string[]
}

/** A piece of a linear memory and where it stands. */
export interface MemoryPiece {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** The index of the same memory when all of its contents stand in one image. */
export function flatIndex(native: NativeBinding, memory: StoredMemory): Uint8Array {
  const extents = mergeExtents(readExtents(native, memory.index))
  return replaceExtents(native, memory.index, extents)
}

/** Reads all that is not a hole, in order, at most 1 MiB at a time.
 *  @throws Error of the file system */
export async function* readPieces(
  native: NativeBinding,
  memory: StoredMemory,
): AsyncGenerator<MemoryPiece> {
  const files = new Map<number, FileHandle>()
  try {
    for (const extent of readExtents(native, memory.index)) {
      const file = files.get(extent.image) ?? (await open(memory.images[extent.image] ?? '', 'r'))
      files.set(extent.image, file)
      for (let done = 0; done < extent.length; done += chunkBytes) {
        const offset = extent.offset + done
        const length = Math.min(chunkBytes, extent.length - done)
        yield { offset, bytes: await readExactly(file, offset, length) }
      }
    }
  } finally {
    for (const file of files.values()) await file.close()
  }
}

/** Writes one image that holds what all images of a memory hold, and answers its index. */
export async function flattenMemory(
  native: NativeBinding,
  memory: StoredMemory,
  memoryBytes: number,
  path: string,
  sync: boolean,
): Promise<Uint8Array> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.truncate(memoryBytes)
    for await (const { offset, bytes } of readPieces(native, memory)) {
      await writeExactly(file, bytes, offset)
    }
    await file.chmod(0o400)
    if (sync) await file.sync()
  } finally {
    await file.close()
  }
  return flatIndex(native, memory)
}

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
    if (bytesRead === 0) throw new Error(`An image ends before byte ${offset + length}`)
    done += bytesRead
  }
  return bytes
}

/** Writes all bytes at an offset, however many calls that takes. */
export async function writeExactly(
  file: FileHandle,
  bytes: Uint8Array,
  offset: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done)
    done += bytesWritten
  }
}
