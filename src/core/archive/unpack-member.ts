import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import { isBlobFile } from '../snapshot/blobs.js'
import { writeExactly } from '../snapshot/flatten.js'
import type { ManifestFile } from '../snapshot/manifest.js'
import { pageBytes } from '../snapshot/memory-index.js'
import { writing } from '../store/durable-file.js'
import { type Segment, SparseMapReader } from './sparse-map.js'
import type { ArchiveMember } from './unpack.js'

const zeros = Buffer.alloc(pageBytes)

/** Writes a file of an archive; its size is that of the manifest, pages of zeros become holes.
 *  @throws WasmshError ARCHIVE_INVALID, STORE_FULL, STORE_WRITE */
export async function writeMember(
  member: ArchiveMember,
  listed: ManifestFile,
  directory: string,
): Promise<void> {
  const { name, bytes, sparseBytes } = member
  const size = sparseBytes ?? bytes
  if (size !== listed.bytes) {
    throw invalid(`${name} has ${size} bytes; the manifest says ${listed.bytes}`)
  }
  const isSparse = listed.sha256 === undefined || isBlobFile(name)
  const path = join(directory, name)
  await writing(path, async () => {
    const file = await open(path, 'wx', 0o600)
    try {
      if (isSparse) await file.truncate(size)
      if (sparseBytes === null) await writePlain(file, member, isSparse)
      else await writeSparse(file, member, sparseBytes)
      if (isSparse) await file.chmod(0o400)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

async function writePlain(file: FileHandle, member: ArchiveMember, isSparse: boolean) {
  let offset = 0
  for await (const piece of member.pieces) {
    await (isSparse ? writePages(file, piece, offset) : writeExactly(file, piece, offset))
    offset += piece.length
  }
}

async function writeSparse(file: FileHandle, member: ArchiveMember, fileBytes: number) {
  const map = new SparseMapReader(fileBytes)
  let segments: Segment[] | null = null
  for await (const piece of member.pieces) {
    let rest = piece.subarray(map.push(piece))
    segments ??= map.segments === null ? null : [...map.segments].reverse()
    while (rest.length > 0) {
      const segment = segments?.pop()
      if (segments === null || segment === undefined) {
        throw invalid(`${member.name} has more data than its map says`)
      }
      const part = rest.subarray(0, segment.length)
      await writePages(file, part, segment.offset)
      rest = rest.subarray(part.length)
      const left = segment.length - part.length
      if (left > 0) segments.push({ offset: segment.offset + part.length, length: left })
    }
  }
  if (segments?.every((segment) => segment.length === 0) !== true) {
    throw invalid(`${member.name} has less data than its map says`)
  }
}

/** Leaves out what is zero, so that an archive cannot fill the disk with nothing. */
async function writePages(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + pageBytes - ((offset + at) % pageBytes))
    const page = bytes.subarray(at, end)
    if (zeros.compare(page, 0, page.length, 0, page.length) === 0) {
      if (at > start) await writeExactly(file, bytes.subarray(start, at), offset + start)
      start = end
    }
    at = end
  }
  if (start < bytes.length) await writeExactly(file, bytes.subarray(start), offset + start)
}

function invalid(reason: string): WasmshError {
  return new WasmshError('ERR_WASMSH_ARCHIVE_INVALID', `The archive is not whole: ${reason}`)
}
