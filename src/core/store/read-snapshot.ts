import { join } from 'node:path'
import { nativeCall, WasmshError } from '../errors.js'
import type { NativeBinding } from '../native.js'
import { maxBindingsBytes, parseBindings } from '../snapshot/bindings.js'
import { verifyBlobs } from '../snapshot/blobs.js'
import type { StoredMemory } from '../snapshot/flatten.js'
import type { ManifestMemory } from '../snapshot/manifest.js'
import type { HostBinding, SnapshotEntry, StoredSnapshot } from '../snapshot/snapshot-entry.js'
import {
  bindingsFile,
  describeSnapshot,
  findImages,
  readListed,
  readManifest,
  readWhole,
} from '../snapshot/snapshot-files.js'
import { findRecord, type StoreContext } from './store-context.js'

/** Finds a snapshot and reads its manifest.
 *  @throws WasmshError SNAPSHOT_UNKNOWN, SNAPSHOT_INCOMPLETE, SNAPSHOT_CORRUPT, SNAPSHOT_FORMAT */
export async function readEntry(context: StoreContext, snapshot: string): Promise<SnapshotEntry> {
  const { records } = await context.catalogue.read()
  return readEntryById(context, findRecord(records, snapshot).id)
}

/** The same for a known id. */
export async function readEntryById(context: StoreContext, id: string): Promise<SnapshotEntry> {
  const directory = join(context.paths.snapshots, id)
  return describeSnapshot(directory, await readManifest(directory, id))
}

/** Reads all of a snapshot but the contents of its memories; every digest is checked before
 *  anything is parsed.
 *  @throws WasmshError as readEntry, and BINDINGS_INVALID */
export async function readSnapshot(
  context: StoreContext,
  entry: SnapshotEntry,
): Promise<StoredSnapshot> {
  const { directory, manifest } = entry
  const state = await readListed(directory, manifest, manifest.state)
  const memories: StoredMemory[] = []
  for (const [number, memory] of manifest.memories.entries()) {
    const index = await readListed(directory, manifest, memory.index)
    requireMemorySize(context.native, index, memory)
    memories.push({ index, images: findImages(context.paths, manifest, number) })
  }
  for (const { file } of manifest.plugins) await readListed(directory, manifest, file)
  await verifyBlobs(directory, manifest)
  return { entry, state, memories, bindings: await readBindings(directory) }
}

/** @throws WasmshError SNAPSHOT_CORRUPT when index and manifest disagree, or the index is wrong */
export function requireMemorySize(
  native: NativeBinding,
  index: Uint8Array,
  memory: ManifestMemory,
): void {
  const { bytes } = nativeCall(() => native.describeIndex(index))
  if (bytes === memory.bytes) return
  throw new WasmshError(
    'ERR_WASMSH_SNAPSHOT_CORRUPT',
    `${memory.index} is of a memory of ${bytes} bytes; the manifest says ${memory.bytes}`,
  )
}

/** No file means that nothing is known about this host, as after an import. */
async function readBindings(directory: string): Promise<readonly HostBinding[]> {
  const path = join(directory, bindingsFile)
  let bytes: Uint8Array
  try {
    bytes = await readWhole(path, maxBindingsBytes)
  } catch (error) {
    if (error instanceof WasmshError && error.code === 'ERR_WASMSH_SNAPSHOT_INCOMPLETE') return []
    throw error
  }
  return parseBindings(Buffer.from(bytes).toString('utf8'), path)
}
