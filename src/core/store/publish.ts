import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { StorePaths } from '../paths.js'
import type { Manifest } from '../snapshot/manifest.js'
import { formatManifest } from '../snapshot/manifest-codec.js'
import type { HostBinding, SnapshotEntry } from '../snapshot/snapshot-entry.js'
import { describeSnapshot, manifestFile } from '../snapshot/snapshot-files.js'
import { type CatalogueRecord, toRecord } from './catalogue.js'
import { createFile, makeDirectory, removeFile, syncDirectory, writing } from './durable-file.js'
import { collectImages, removeSnapshot } from './forget.js'
import { changeMark, removeMark, writeMark } from './group-mark.js'
import { nextName, requireFree, requireName, type StoreContext } from './store-context.js'
import { needsPath } from './temporary.js'

/** All of a manifest but what the commit finds out itself. */
export type ManifestParts = Omit<Manifest, 'id' | 'name' | 'files'>

export interface CommitOptions {
  /** Null for the next free name after `base`. */
  readonly name: string | null
  readonly base: string
  /** Replace a snapshot of that name. */
  readonly force: boolean
  readonly sync: boolean
  readonly bindings: readonly HostBinding[]
}

/** A draft with all of its files but the manifest. */
export interface PreparedDraft {
  readonly id: string
  readonly directory: string
  readonly parts: Omit<Manifest, 'id' | 'name'>
  readonly options: CommitOptions
  abort(): Promise<void>
}

/** A draft whose manifest is written. */
interface Finished {
  readonly draft: PreparedDraft
  readonly manifest: Manifest
}

/**
 * Makes drafts visible, all or none of them, also when the process is killed in between. Of one draft
 * the step that counts is the rename of its directory; several, and what they replace, are hidden by
 * marks in turn. On failure nothing is left.
 */
export async function publish(
  context: StoreContext,
  drafts: readonly PreparedDraft[],
): Promise<readonly SnapshotEntry[]> {
  try {
    return await context.lock.run(() => publishAlone(context, drafts))
  } catch (error) {
    await Promise.all(drafts.map((draft) => draft.abort().catch(() => undefined)))
    throw error
  }
}

/** The same for one draft. */
export async function publishOne(
  context: StoreContext,
  draft: PreparedDraft,
): Promise<SnapshotEntry> {
  const [entry] = await publish(context, [draft])
  if (entry === undefined) throw new Error('a snapshot was left out')
  return entry
}

/** The caller holds the lock. */
async function publishAlone(
  context: StoreContext,
  drafts: readonly PreparedDraft[],
): Promise<readonly SnapshotEntry[]> {
  const { catalogue, paths } = context
  const { records } = await catalogue.read()
  const finished: Finished[] = []
  for (const draft of drafts) {
    finished.push({ draft, manifest: await writeManifest(records, draft) })
  }
  const replaced = replacedBy(records, finished)
  const mark = await writing(paths.snapshots, () => moveAll(paths, finished, replaced))
  const entries = finished.map(({ draft, manifest }) =>
    describeSnapshot(join(paths.snapshots, draft.id), manifest),
  )
  // The new ones are stored, whatever happens to those that they replace: nobody sees these any more.
  if (mark !== null) await removeMarked(context, mark, replaced).catch(() => null)
  await catalogue.refresh(entries.map(toRecord))
  for (const { directory } of drafts) removeFile(needsPath(directory))
  return entries
}

async function writeManifest(
  records: readonly CatalogueRecord[],
  { id, directory, parts, options }: PreparedDraft,
): Promise<Manifest> {
  const { name, base, force, sync } = options
  if (name !== null && !force) requireFree(records, name)
  const chosen = name ?? nextName(records, base)
  requireName(chosen)
  const manifest: Manifest = { ...parts, id, name: chosen }
  await writing(directory, async () => {
    await createFile(join(directory, manifestFile), formatManifest(manifest), { sync })
    if (sync) await syncDirectory(directory)
  })
  return manifest
}

/** Puts snapshots in place and hides those that they replace, in one step for whoever looks.
 *  @returns the mark that hides what is to be removed; null without any */
async function moveAll(
  paths: StorePaths,
  finished: readonly Finished[],
  replaced: readonly string[],
): Promise<string | null> {
  const sync = finished.some(({ draft }) => draft.options.sync)
  const ids = finished.map(({ draft }) => draft.id)
  const isOneStep = ids.length + replaced.length === 1
  const mark = isOneStep ? null : await writeMark(paths, ids, sync)
  const moved: PreparedDraft[] = []
  try {
    makeDirectory(paths.snapshots)
    for (const { draft } of finished) {
      renameSync(draft.directory, join(paths.snapshots, draft.id))
      moved.push(draft)
    }
    if (sync) await syncDirectory(paths.snapshots)
    if (mark === null) return null
    if (replaced.length > 0) {
      await changeMark(paths, mark, replaced, sync)
      return mark
    }
    await removeMark(paths, mark, sync)
    return null
  } catch (error) {
    for (const { directory, id } of moved) renameSync(join(paths.snapshots, id), directory)
    if (mark !== null) removeFile(mark)
    throw error
  }
}

/** Snapshots of the same names and, of a group, all that belong to one of the same name. */
function replacedBy(
  records: readonly CatalogueRecord[],
  finished: readonly Finished[],
): readonly string[] {
  const names = new Set(finished.map(({ manifest }) => manifest.name))
  const [group] = finished.flatMap(({ draft, manifest: { group } }) =>
    draft.options.force && group !== undefined ? [group] : [],
  )
  return records
    .filter(
      (one) =>
        names.has(one.name) ||
        (group !== undefined && one.group?.name === group.name && one.group.id !== group.id),
    )
    .map(({ id }) => id)
}

async function removeMarked(
  context: StoreContext,
  mark: string,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) await removeSnapshot(context, id)
  await removeMark(context.paths, mark, false)
  await collectImages(context)
}
