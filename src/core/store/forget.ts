import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueRecord } from './catalogue.js'
import { listDirectory, makeDirectory, removeFile, writing } from './durable-file.js'
import { groupsOf } from './group.js'
import { deadMarks, removeMark, writeMark } from './group-mark.js'
import { findRecord, type StoreContext } from './store-context.js'
import { readNeeds, temporaryPath } from './temporary.js'

/** Removes snapshots by name or id, and groups by name; images that others need stay until those are
 *  gone. All names are looked up before the first is removed, and each group goes as one.
 *  @throws WasmshError SNAPSHOT_UNKNOWN, STORE_WRITE */
export async function forgetSnapshots(
  context: StoreContext,
  wanted: readonly string[],
): Promise<void> {
  await context.lock.run(async () => {
    const { records } = await context.catalogue.read()
    const found = wanted.map((name) => membersOf(records, name))
    const gone = new Set<string>()
    for (const ids of found) {
      const left = ids.filter((id) => !gone.has(id))
      await removeTogether(context, left)
      for (const id of left) gone.add(id)
    }
    await collectImages(context)
    await context.catalogue.refresh()
  })
}

/** What a name stands for: a snapshot or, when it is that of no snapshot, all groups of that name
 *  with what is left of them. */
function membersOf(records: readonly CatalogueRecord[], name: string): readonly string[] {
  const isSnapshot = records.some((record) => record.name === name)
  const isGroup = groupsOf(records).some((group) => group.name === name)
  if (isSnapshot || !isGroup) return [findRecord(records, name).id]
  return records.flatMap(({ id, group }) => (group?.name === name ? [id] : []))
}

/** The caller holds the lock. */
async function removeTogether(context: StoreContext, ids: readonly string[]): Promise<void> {
  const { paths } = context
  const mark =
    ids.length > 1 ? await writing(paths.temporary, () => writeMark(paths, ids, true)) : null
  try {
    for (const id of ids) await removeSnapshot(context, id)
  } finally {
    // When one could not be removed those that are left are seen again.
    if (mark !== null) await removeMark(paths, mark, false)
  }
}

/** Removes what dead processes have left half-way, see group-mark.ts. The caller holds the lock.
 *  @returns names of the marks */
export async function finishMarks(context: StoreContext): Promise<readonly string[]> {
  const { paths } = context
  const marks = await deadMarks(paths)
  for (const { name, ids } of marks) {
    const there = new Set(listDirectory(paths.snapshots))
    for (const id of ids.filter((one) => there.has(one))) await removeSnapshot(context, id)
    removeFile(join(paths.temporary, name))
  }
  return marks.map(({ name }) => name)
}

/** Takes a snapshot out of sight by one rename, then removes what nobody needs of it. The caller
 *  holds the lock. */
export async function removeSnapshot(context: StoreContext, id: string): Promise<void> {
  const { paths } = context
  const needed = await neededFiles(context, id)
  const isNeeded = needed === null || [...needed].some((image) => image.startsWith(`${id}/`))
  const target = isNeeded ? join(paths.kept, id) : temporaryPath(paths)
  await writing(target, async () => {
    makeDirectory(isNeeded ? paths.kept : paths.temporary)
    // An imported snapshot can have the id of one whose images were kept: those stay.
    const isKept = isNeeded && (await stat(target).catch(() => null)) !== null
    const moved = isKept ? temporaryPath(paths) : target
    await rename(join(paths.snapshots, id), moved)
    if (moved !== join(paths.kept, id)) await rm(moved, { recursive: true, force: true })
  })
}

/** What collectImages removed. */
export interface CollectedImages {
  /** As "ID/FILE". */
  readonly images: readonly string[]
  readonly bytes: number
}

/** Removes the files of forgotten snapshots that nobody needs. The caller holds the lock. */
export async function collectImages(context: StoreContext): Promise<CollectedImages> {
  const { kept } = context.paths
  const images: string[] = []
  let bytes = 0
  const needed = await neededFiles(context, null)
  if (needed === null) return { images, bytes }
  for (const id of listDirectory(kept)) {
    const files = await readdir(join(kept, id)).catch(() => [])
    const unneeded = files.filter((file) => !needed.has(`${id}/${file}`))
    for (const file of unneeded) {
      const path = join(kept, id, file)
      const { size, blocks } = await stat(path).catch(() => ({ size: 0, blocks: 0 }))
      await writing(path, () => rm(path, { recursive: true, force: true }))
      bytes += Math.min(size, blocks * 512)
      if (file.endsWith('.img')) images.push(`${id}/${file}`)
    }
    if (unneeded.length === files.length) {
      await writing(join(kept, id), () => rm(join(kept, id), { recursive: true, force: true }))
    }
  }
  return { images, bytes }
}

/**
 * Images that stored snapshots and drafts need of others, as "ID/FILE".
 * @param except a snapshot whose own needs do not count, since it goes
 * @returns null when a snapshot cannot be read (damaged, or of a newer version): then nobody knows
 */
async function neededFiles(
  context: StoreContext,
  except: string | null,
): Promise<ReadonlySet<string> | null> {
  const { records, unreadable } = await context.catalogue.read()
  if (unreadable.some((id) => id !== except)) return null
  const stored = records.filter(({ id }) => id !== except).flatMap((record) => record.needs)
  const drafts = (await readNeeds(context.paths)).flatMap((needs) => needs.images)
  return new Set([...stored, ...drafts])
}
