import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Pack } from 'tar-stream'
import { fromSystem, nativePromise, WasmshError } from '../errors.js'
import { isBlobFile } from '../snapshot/blobs.js'
import { flatIndex, readPieces, type StoredMemory } from '../snapshot/flatten.js'
import type { Manifest, ManifestFile } from '../snapshot/manifest.js'
import { formatManifest } from '../snapshot/manifest-codec.js'
import { mergeExtents, readExtents } from '../snapshot/memory-index.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import { manifestFile, readListed, sha256 } from '../snapshot/snapshot-files.js'
import { syncDirectory, writeFailure } from '../store/durable-file.js'
import type { StoreContext } from '../store/store-context.js'
import type { ExportOptions } from '../store/store-options.js'
import { formatSparseMap } from './sparse-map.js'

/** Name of the module in an archive. */
export const moduleFile = 'module.wasm'

/** zstd's own default: about 1 GB/s. */
const compressionLevel = 3

/** A member of the archive; `pieces` yields exactly `bytes` bytes. */
interface Member {
  readonly name: string
  readonly bytes: number
  /** Of a sparse file: its whole size. */
  readonly sparseBytes?: number
  pieces(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** Writes a snapshot with all that it needs to one file: a tar archive inside zstd, which GNU tar
 *  unpacks. Answers its size in bytes. */
export async function exportSnapshot(
  context: StoreContext,
  stored: StoredSnapshot,
  file: string,
  options: ExportOptions,
): Promise<number> {
  const target = resolve(file)
  const isThere = (await stat(target).catch(() => null)) !== null
  if (isThere && options.force !== true) {
    throw new WasmshError('ERR_WASMSH_ARCHIVE_EXISTS', `${file} is there already`, {
      resource: file,
    })
  }
  const members = await listMembers(context, stored, options.module ?? true)
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  try {
    const output = await open(temporary, 'wx', 0o600)
    let written = 0
    try {
      written = await writeArchive(context, stored, members, output, options)
      await output.sync()
    } finally {
      await output.close()
    }
    await rename(temporary, target)
    await syncDirectory(dirname(target))
    return written
  } catch (error) {
    await rm(temporary, { force: true })
    if (error instanceof WasmshError) throw error
    const { code, message } = writeFailure(file, error)
    const hint = 'Choose a folder that you can write to, with enough space.'
    throw new WasmshError(code, message, { hint, resource: file, cause: error })
  }
}

/** The manifest goes first, so that a reader knows what to expect and how much of it. */
async function listMembers(
  context: StoreContext,
  { entry, state, memories }: StoredSnapshot,
  withModule: boolean,
): Promise<readonly Member[]> {
  const { manifest, directory } = entry
  const members = [inMemory(manifest.state, state)]
  for (const { file } of manifest.plugins) {
    members.push(inMemory(file, await readListed(directory, manifest, file)))
  }
  for (const [file, { bytes }] of Object.entries(manifest.files)) {
    if (isBlobFile(file)) members.push(storedFile(file, bytes, join(directory, file)))
  }
  const indexes = memories.map((memory) => flatIndex(context.native, memory))
  for (const [number, { index }] of manifest.memories.entries()) {
    members.push(inMemory(index, indexes[number] ?? new Uint8Array()))
  }
  for (const [number, memory] of memories.entries()) {
    members.push(image(context, `memory-${number}.img`, manifest, number, memory))
  }
  const flat = inMemory(manifestFile, Buffer.from(formatManifest(flatten(manifest, indexes))))
  if (!withModule) return [flat, ...members]
  const module = await context.modules.get(manifest.module.sha256)
  return [flat, ...members, inMemory(moduleFile, module)]
}

/** The same snapshot with all pages of a memory in one image of its own. */
function flatten(manifest: Manifest, indexes: readonly Uint8Array[]): Manifest {
  const files: Record<string, ManifestFile> = {}
  for (const [file, listed] of Object.entries(manifest.files)) {
    if (listed.sha256 !== undefined) files[file] = listed
  }
  const memories = manifest.memories.map(({ bytes, index }, number) => {
    const file = `memory-${number}.img`
    const flat = indexes[number] ?? new Uint8Array()
    files[index] = { bytes: flat.length, sha256: sha256(flat) }
    files[file] = { bytes }
    return { bytes, index, images: [{ snapshot: manifest.id, file }] }
  })
  return { ...manifest, memories, files }
}

function inMemory(name: string, bytes: Uint8Array): Member {
  return { name, bytes: bytes.length, pieces: () => [bytes] }
}

function storedFile(name: string, bytes: number, path: string): Member {
  return { name, bytes, pieces: () => createReadStream(path, { highWaterMark: 1024 * 1024 }) }
}

function image(
  { native }: StoreContext,
  name: string,
  manifest: Manifest,
  number: number,
  memory: StoredMemory,
): Member {
  const sparseBytes = manifest.memories[number]?.bytes ?? 0
  const extents = mergeExtents(readExtents(native, memory.index))
  const map = formatSparseMap(extents, sparseBytes)
  const bytes = extents.reduce((sum, extent) => sum + extent.length, map.length)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield map
    for await (const piece of readPieces(native, memory)) yield piece.bytes
  }
  return { name, bytes, sparseBytes, pieces }
}

async function writeArchive(
  context: StoreContext,
  { entry }: StoredSnapshot,
  members: readonly Member[],
  output: FileHandle,
  { onProgress }: ExportOptions,
): Promise<number> {
  const { default: tar } = await import('tar-stream')
  const pack = tar.pack()
  const codec = context.native.createCompressor(compressionLevel)
  const totalBytes = members.reduce((sum, member) => sum + member.bytes, 0)
  const modified = new Date(entry.created)
  const packing = packMembers(pack, members, modified).catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  let doneBytes = 0
  let written = 0
  try {
    for await (const chunk of pack as AsyncIterable<Uint8Array>) {
      written += await append(output, await nativePromise(() => codec.write(chunk)))
      doneBytes += chunk.length
      onProgress?.({ doneBytes: Math.min(doneBytes, totalBytes), totalBytes })
    }
  } catch (error) {
    throw error instanceof WasmshError ? error : readOrWriteFailure(error)
  }
  await packing
  return written + (await append(output, await nativePromise(() => codec.finish())))
}

/** Full disks are the writer's; all else came out of the images. */
function readOrWriteFailure(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return error
  return fromSystem('ERR_WASMSH_STORE_READ', 'The snapshot cannot be read to its end', error)
}

async function append(output: FileHandle, bytes: Uint8Array): Promise<number> {
  if (bytes.length > 0) await output.writeFile(bytes)
  return bytes.length
}

async function packMembers(pack: Pack, members: readonly Member[], modified: Date): Promise<void> {
  for (const member of members) await packMember(pack, member, modified)
  pack.finalize()
}

async function packMember(pack: Pack, member: Member, mtime: Date): Promise<void> {
  const { name, bytes, sparseBytes } = member
  const common = { size: bytes, mtime, type: 'file' as const }
  const header =
    sparseBytes === undefined
      ? { ...common, name, mode: 0o600 }
      : {
          ...common,
          name: `GNUSparseFile.0/${name}`,
          mode: 0o400,
          pax: sparsePax(name, sparseBytes),
        }
  const { promise: packed, settle } = callbackPromise()
  const entry = pack.entry(header, settle)
  for await (const piece of member.pieces()) {
    if (entry.write(piece)) continue
    // A pack that was given up never drains: it fails the entry.
    await Promise.race([
      new Promise((drained) => entry.once('drain', () => drained(undefined))),
      packed,
    ])
  }
  entry.end(undefined)
  await packed
}

/** A promise that a callback settles, which may do so before anybody waits. */
function callbackPromise() {
  let settle: (error?: Error | null) => void = () => undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve())
  })
  promise.catch(() => undefined)
  return { promise, settle }
}

function sparsePax(name: string, bytes: number): Record<string, string> {
  return {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': name,
    'GNU.sparse.realsize': `${bytes}`,
  }
}
