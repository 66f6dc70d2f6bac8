import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from 'lowdb'
import type { StorePaths } from '../paths.js'
import type { Manifest } from '../snapshot/manifest.js'
import type { SnapshotEntry, SnapshotSummary } from '../snapshot/snapshot-entry.js'
import { describeSnapshot, readManifest, sha256 } from '../snapshot/snapshot-files.js'
import { makeDirectory, replaceFile } from './durable-file.js'
import { visibleSnapshots } from './group-mark.js'
import { temporaryPath } from './temporary.js'

/** A snapshot as the catalogue keeps it. */
export interface CatalogueRecord extends SnapshotSummary {
  /** Images of other snapshots that it needs, as "ID/FILE". */
  readonly needs: readonly string[]
}

/** The state of the store at one instant. */
export interface Contents {
  readonly records: readonly CatalogueRecord[]
  /** Ids of directories whose manifest cannot be read. */
  readonly unreadable: readonly string[]
}

interface CatalogueFile {
  records: readonly CatalogueRecord[]
}

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * What is in the store, in one file. The truth are the directories: whatever the file does not
 * know, or knows wrongly, is read from them again, so a process that dies between the two loses
 * nothing.
 */
export class Catalogue {
  readonly #paths: StorePaths
  readonly #file: SealedFile

  constructor(paths: StorePaths) {
    this.#paths = paths
    this.#file = new SealedFile(paths)
  }

  /** Reads without writing, so it works without the lock and on a read-only store. */
  async read(): Promise<Contents> {
    const { data } = await this.#open()
    return this.#reconcile(data.records)
  }

  /**
   * Brings the file up to date with the directories. The caller holds the lock.
   * @param committed snapshots that have just become visible, under ids that may be known already
   */
  async refresh(committed: readonly CatalogueRecord[] = []): Promise<Contents> {
    const database = await this.#open()
    const before = database.data.records
    const ids = new Set(committed.map(({ id }) => id))
    const others = before.filter(({ id }) => !ids.has(id))
    const contents = await this.#reconcile([...others, ...committed])
    const { records } = contents
    const isSame =
      records.length === before.length && records.every((one, at) => one === before[at])
    if (isSame) return contents
    try {
      database.data.records = records
      await database.write()
    } catch {
      // A full disk, for one: the directories say the same, and the next reader goes by them.
    }
    return contents
  }

  async #reconcile(stored: readonly CatalogueRecord[]): Promise<Contents> {
    const known = new Map(stored.map((record) => [record.id, record]))
    const records: CatalogueRecord[] = []
    const unreadable: string[] = []
    for (const id of visibleSnapshots(this.#paths)) {
      if (!idPattern.test(id)) continue
      const record = known.get(id) ?? (await this.#describe(id))
      if (record === null) unreadable.push(id)
      else records.push(record)
    }
    records.sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0))
    return { records, unreadable }
  }

  async #describe(id: string): Promise<CatalogueRecord | null> {
    const directory = join(this.#paths.snapshots, id)
    try {
      return toRecord(describeSnapshot(directory, await readManifest(directory, id)))
    } catch {
      // `store check` says what is wrong with it.
      return null
    }
  }

  async #open() {
    const { Low } = await import('lowdb')
    const database = new Low<CatalogueFile>(this.#file, { records: [] })
    await database.read()
    return database
  }
}

/** What the catalogue keeps of a snapshot. */
export function toRecord({ directory: _, manifest, ...summary }: SnapshotEntry): CatalogueRecord {
  return { ...summary, needs: neededImages(manifest) }
}

/** Images of other snapshots that a snapshot needs, as "ID/FILE". */
export function neededImages(manifest: Manifest): readonly string[] {
  const needed = manifest.memories.flatMap(({ images }) =>
    images.filter((image) => image.snapshot !== manifest.id),
  )
  return [...new Set(needed.map((image) => `${image.snapshot}/${image.file}`))]
}

/**
 * A file that tells whether it is whole. lowdb's own adapter believes what it reads. Neither waits
 * for the disk: what a power cut damages is made again.
 */
class SealedFile implements Adapter<CatalogueFile> {
  readonly #paths: StorePaths
  /** What was read or written last, and which file that was. */
  #last: { readonly key: string; readonly records: readonly CatalogueRecord[] } | null = null

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  async read(): Promise<CatalogueFile | null> {
    const key = fileKey(this.#paths.catalogue)
    if (key === null) return null
    if (this.#last?.key === key) return { records: this.#last.records }
    const records = unseal(await readFile(this.#paths.catalogue, 'utf8').catch(() => ''))
    // Another process may have replaced the file in between.
    const isSame = fileKey(this.#paths.catalogue) === key
    this.#last = records !== null && isSame ? { key, records } : null
    return records === null ? null : { records }
  }

  async write({ records }: CatalogueFile): Promise<void> {
    makeDirectory(this.#paths.temporary)
    const temporary = temporaryPath(this.#paths)
    await replaceFile(this.#paths.catalogue, seal(records), temporary, { sync: false })
    const key = fileKey(this.#paths.catalogue)
    this.#last = key === null ? null : { key, records }
  }
}

/** Every replacement is another inode. */
function fileKey(path: string): string | null {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false })
  return status === undefined ? null : `${status.ino} ${status.mtimeNs} ${status.size}`
}

function seal(records: readonly CatalogueRecord[]): string {
  const text = JSON.stringify(records)
  return `{"version":1,"sha256":"${sha256(text)}","records":${text}}\n`
}

function unseal(text: string): readonly CatalogueRecord[] | null {
  const parts = /^\{"version":1,"sha256":"([0-9a-f]{64})","records":(\[.*\])\}\n$/s.exec(text)
  const [, digest, list] = parts ?? []
  if (list === undefined || sha256(list) !== digest) return null
  return JSON.parse(list) as readonly CatalogueRecord[]
}
