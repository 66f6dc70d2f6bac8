import type { FileHandle } from 'node:fs/promises'
import type { Extract, ExtractEvents } from 'tar-stream'
import { nativePromise, WasmshError } from '../errors.js'
import type { NativeCodec } from '../native.js'

/** Compressed bytes that are read at once. */
const chunkBytes = 64 * 1024

type Entry = ExtractEvents['entry'][1]

/** A file in an archive. Its pieces must be read to the end before the next member. */
export interface ArchiveMember {
  readonly name: string
  /** Of its data in the archive. */
  readonly bytes: number
  /** Whole size of a sparse file, whose data begins with a map; null for a plain one. */
  readonly sparseBytes: number | null
  readonly pieces: AsyncIterable<Uint8Array>
}

/** Reads a tar archive inside zstd, of unknown origin.
 *  @throws WasmshError ARCHIVE_INVALID, ARCHIVE_LIMIT, STORE_READ */
export async function* readArchive(
  file: FileHandle,
  codec: NativeCodec,
  onProgress: (doneBytes: number) => void,
): AsyncGenerator<ArchiveMember> {
  const { default: tar } = await import('tar-stream')
  const extract = tar.extract()
  const feeding = feed(file, codec, extract, onProgress).catch((error: unknown) => {
    extract.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    for await (const entry of extract as AsyncIterable<Entry>) yield toMember(entry)
  } catch (error) {
    throw error instanceof WasmshError ? error : invalid(String((error as Error).message))
  } finally {
    extract.destroy()
    await feeding
  }
}

async function feed(
  file: FileHandle,
  codec: NativeCodec,
  extract: Extract,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(chunkBytes)
  let doneBytes = 0
  while (!extract.destroyed) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, doneBytes)
    if (bytesRead === 0) break
    doneBytes += bytesRead
    await decompress(codec, buffer.slice(0, bytesRead), extract)
    onProgress(doneBytes)
  }
  await send(extract, await decode(() => codec.finish()))
  extract.end(undefined)
}

async function decompress(codec: NativeCodec, bytes: Uint8Array, extract: Extract): Promise<void> {
  await send(extract, await decode(() => codec.write(bytes)))
  while (codec.pending() && !extract.destroyed) {
    await send(extract, await decode(() => codec.write(new Uint8Array())))
  }
}

/** What is corrupt is not a snapshot of the store but the file that was given. */
async function decode(call: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await nativePromise(call)
  } catch (error) {
    if (!(error instanceof WasmshError)) throw error
    if (error.code === 'ERR_WASMSH_SNAPSHOT_CORRUPT') throw invalid(error.message)
    if (error.code !== 'ERR_WASMSH_SNAPSHOT_TOO_LARGE') throw error
    const hint = 'Do not use it, unless you know that it holds so much.'
    throw new WasmshError(error.code, `The archive ${error.message.toLowerCase()}`, { hint })
  }
}

async function send(extract: Extract, bytes: Uint8Array): Promise<void> {
  if (bytes.length === 0 || extract.destroyed || extract.write(bytes)) return
  await new Promise<void>((resolve) => {
    const ready = () => {
      extract.off('drain', ready)
      extract.off('close', ready)
      resolve()
    }
    extract.on('drain', ready)
    extract.on('close', ready)
  })
}

function toMember(entry: Entry): ArchiveMember {
  const { name, size, type } = entry.header
  // tar-stream gives null for a size that it cannot read, and then waits for ever for the data.
  if (!Number.isSafeInteger(size)) throw invalid(`The size of ${JSON.stringify(name)} is no number`)
  const pax = entry.header.pax as Readonly<Record<string, string>> | null | undefined
  if (type !== 'file' && type !== 'contiguous-file') {
    throw invalid(`${JSON.stringify(name)} is a ${type}, not a file`)
  }
  const pieces = piecesOf(entry as AsyncIterable<Uint8Array>)
  const major = pax?.['GNU.sparse.major']
  if (major === undefined) return { name: plainName(name), bytes: size, sparseBytes: null, pieces }
  const realSize = pax?.['GNU.sparse.realsize'] ?? ''
  if (major !== '1' || pax?.['GNU.sparse.minor'] !== '0' || !/^\d{1,15}$/.test(realSize)) {
    throw invalid('It has a sparse file of another format than 1.0')
  }
  const realName = plainName(pax['GNU.sparse.name'] ?? '')
  return { name: realName, bytes: size, sparseBytes: Number(realSize), pieces }
}

/** A member that ends in its middle is the archive's fault, not that of whoever writes it down. */
async function* piecesOf(entry: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* entry
  } catch (error) {
    throw error instanceof WasmshError ? error : invalid(String((error as Error).message))
  }
}

/** Members have no folders; "./" is what tar puts before names that it found itself. */
function plainName(name: string): string {
  const plain = name.replace(/^\.\//, '')
  if (/^[a-z0-9][a-z0-9._-]{0,99}$/.test(plain) && !plain.includes('..')) return plain
  throw invalid(`${JSON.stringify(name.slice(0, 100))} cannot be the name of a file in it`)
}

function invalid(reason: string): WasmshError {
  return new WasmshError('ERR_WASMSH_ARCHIVE_INVALID', `The archive is not whole: ${reason}`)
}
