import { nativeCall, nativePromise } from '../errors.js'
import type { NativeBinding } from '../native.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import { diffDescriptors, diffEnvironment, diffGlobals, diffTables } from './diff-state.js'
import { diffClocks, diffThreads } from './diff-threads.js'
import type { Change, MemoryDifference, SnapshotDiff } from './diff-types.js'

/** Compares two snapshots; at most `limit` ranges of each memory and elements of each table. */
export async function diffSnapshots(
  native: NativeBinding,
  a: StoredSnapshot,
  b: StoredSnapshot,
  limit: number,
): Promise<SnapshotDiff> {
  const viewA = nativeCall(() => native.decodeState(a.state))
  const viewB = nativeCall(() => native.decodeState(b.state))
  const module: Change<string> | null =
    viewA.moduleSha256 === viewB.moduleSha256
      ? null
      : { a: viewA.moduleSha256, b: viewB.moduleSha256 }
  const found = {
    module,
    memories: await diffMemories(native, a, b, limit),
    globals: diffGlobals(viewA, viewB),
    tables: diffTables(viewA, viewB, limit),
    threads: diffThreads(viewA, viewB),
    descriptors: diffDescriptors(viewA, viewB),
    other: diffEnvironment(viewA, viewB),
    clocks: diffClocks(viewA, viewB),
  }
  const { memories, globals, tables, threads, descriptors, other } = found
  const lists = [memories, globals, tables, threads, descriptors, other]
  return {
    a: { id: a.entry.id, name: a.entry.name },
    b: { id: b.entry.id, name: b.entry.name },
    same: module === null && lists.every((list) => list.length === 0),
    ...found,
  }
}

async function diffMemories(
  native: NativeBinding,
  a: StoredSnapshot,
  b: StoredSnapshot,
  limit: number,
): Promise<readonly MemoryDifference[]> {
  const differences: MemoryDifference[] = []
  const count = Math.max(a.memories.length, b.memories.length)
  for (let memory = 0; memory < count; memory++) {
    const inA = a.memories[memory]
    const inB = b.memories[memory]
    const sizes = {
      a: a.entry.manifest.memories[memory]?.bytes ?? null,
      b: b.entry.manifest.memories[memory]?.bytes ?? null,
    }
    const ranges =
      inA === undefined || inB === undefined
        ? []
        : await nativePromise(() => native.diffImages(inA, inB, limit + 1))
    if (ranges.length === 0 && sizes.a === sizes.b) continue
    differences.push({
      memory,
      bytes: sizes,
      ranges: ranges.slice(0, limit),
      truncated: ranges.length > limit,
    })
  }
  return differences
}
