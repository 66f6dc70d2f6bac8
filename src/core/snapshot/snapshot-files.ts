import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromSystem, WasmshError } from '../errors.js'
import type { StorePaths } from '../paths.js'
import { isBlobFile } from './blobs.js'
import type { Manifest } from './manifest.js'
import { maxManifestBytes, parseManifest } from './manifest-codec.js'
import type { SnapshotEntry } from './snapshot-entry.js'

export const manifestFile = 'manifest.json'
export const bindingsFile = 'bindings.json'

/** Largest state or index file that is read, in bytes; both are far smaller in practice. */
export const maxFileBytes = 512 * 1024 * 1024

/** Reads and checks the manifest of a stored snapshot.
 *  @throws WasmshError SNAPSHOT_INCOMPLETE, SNAPSHOT_CORRUPT, SNAPSHOT_FORMAT, STORE_READ */
export async function readManifest(directory: string, id: string): Promise<Manifest> {
  const path = join(directory, manifestFile)
  const bytes = await readWhole(path, maxManifestBytes)
  const manifest = await parseManifest(Buffer.from(bytes).toString('utf8'), path)
  if (manifest.id !== id) {
    throw new WasmshError(
      'ERR_WASMSH_SNAPSHOT_CORRUPT',
      `${path} belongs to snapshot ${manifest.id}`,
    )
  }
  return manifest
}

/** Reads a file that the manifest lists with a digest, and checks it.
 *  @throws WasmshError SNAPSHOT_INCOMPLETE, SNAPSHOT_CORRUPT, STORE_READ */
export async function readListed(
  directory: string,
  manifest: Manifest,
  file: string,
): Promise<Uint8Array> {
  const path = join(directory, file)
  const listed = manifest.files[file]
  const bytes = await readWhole(path, maxFileBytes)
  if (listed === undefined || bytes.length !== listed.bytes) {
    const expected = listed === undefined ? 'none' : `${listed.bytes}`
    throw new WasmshError(
      'ERR_WASMSH_SNAPSHOT_CORRUPT',
      `${path} has ${bytes.length} bytes; the manifest says ${expected}`,
    )
  }
  if (sha256(bytes) !== listed.sha256) {
    throw new WasmshError('ERR_WASMSH_SNAPSHOT_CORRUPT', `${path} does not match its digest`)
  }
  return bytes
}

/** Finds an image: one that was kept for others goes first, since a snapshot of the same id that
 *  was imported later may hold anything. */
export function findImage(
  paths: StorePaths,
  image: { readonly snapshot: string; readonly file: string },
): string {
  for (const base of [paths.kept, paths.snapshots]) {
    const path = join(base, image.snapshot, image.file)
    if (isFile(path)) return path
  }
  throw new WasmshError(
    'ERR_WASMSH_SNAPSHOT_INCOMPLETE',
    `Image ${image.file} of snapshot ${image.snapshot} is missing from the store`,
  )
}

/** Paths of the images of a linear memory, in the order in which its index counts them. */
export function findImages(
  paths: StorePaths,
  manifest: Manifest,
  memory: number,
): readonly string[] {
  const images = manifest.memories[memory]?.images ?? []
  const found = images.map((image) => findImage(paths, image))
  for (const [position, { snapshot, file }] of images.entries()) {
    const path = found[position]
    if (snapshot === manifest.id && path !== undefined) requireSize(path, manifest, file)
  }
  return found
}

function requireSize(path: string, manifest: Manifest, file: string): void {
  const { size } = statSync(path)
  if (size === manifest.files[file]?.bytes) return
  throw new WasmshError(
    'ERR_WASMSH_SNAPSHOT_CORRUPT',
    `${path} has ${size} bytes; the manifest says ${manifest.files[file]?.bytes}`,
  )
}

/** Describes a stored snapshot with what its own files take on the disk. */
export function describeSnapshot(directory: string, manifest: Manifest): SnapshotEntry {
  const { id, name, created, guest, module, engine, status, position, parent, group } = manifest
  let bytes = 0
  for (const [file, listed] of Object.entries(manifest.files)) {
    const isSparse = listed.sha256 === undefined || isBlobFile(file)
    bytes += isSparse ? allocatedBytes(join(directory, file)) : listed.bytes
  }
  return {
    ...{ id, name, created, guest, module, engine, status, position, parent },
    memoryBytes: manifest.memories.reduce((sum, memory) => sum + memory.bytes, 0),
    bytes,
    edits: manifest.edits.length,
    ...(group === undefined ? {} : { group }),
    directory,
    manifest,
  }
}

/** Images are sparse: what counts is what is not a hole. Blocks of st_blocks have 512 bytes. */
function allocatedBytes(path: string): number {
  try {
    const { size, blocks } = statSync(path)
    return Math.min(size, blocks * 512)
  } catch {
    return 0
  }
}

/** SHA-256, hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Up to that size a file is read in less time than a round trip through the thread pool takes. */
const smallBytes = 1024 * 1024

/** Reads a file up to a size, which is checked before memory is taken.
 *  @throws WasmshError SNAPSHOT_INCOMPLETE, SNAPSHOT_CORRUPT, STORE_READ */
export async function readWhole(path: string, limitBytes: number): Promise<Uint8Array> {
  try {
    const { size } = statSync(path)
    if (size > limitBytes) {
      throw new WasmshError('ERR_WASMSH_SNAPSHOT_CORRUPT', `${path} is too large: ${size} bytes`)
    }
    return size <= smallBytes ? readFileSync(path) : await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw fromSystem('ERR_WASMSH_SNAPSHOT_INCOMPLETE', `${path} is missing`, error)
    }
    throw fromSystem('ERR_WASMSH_STORE_READ', `Cannot read ${path}`, error)
  }
}
