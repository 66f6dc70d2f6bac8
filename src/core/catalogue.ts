import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from 'lowdb'
import { listDirectory, makeDirectory, replaceFile } from './durable-file.js'
import type { Manifest } from './manifest.js'
import type { StorePaths } from './paths.js'
import { canonicalJson, sealJson, unsealJson } from './sealed-json.js'
import type { SnapshotSummary } from './snapshot-entry.js'
import { describeSnapshot, readManifest } from './snapshot-files.js'
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
  readonly version: 1
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

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  /** Reads without writing, so it works without the lock and on a read-only store. */
  async read(): Promise<Contents> {
    return this.#reconcile(await this.#load())
  }

  /**
   * Brings the file up to date with the directories. The caller holds the lock.
   * @param replaced id of a snapshot whose directory is another than the file may know
   * @param sync wait until the bytes are on the disk
   */
  async refresh(replaced: string | null = null, sync = true): Promise<Contents> {
    const stored = await this.#load()
    const contents = await this.#reconcile(stored.filter(({ id }) => id !== replaced))
    const isSame = canonicalJson(stored) === canonicalJson(contents.records)
    if (!isSame) await this.#save(contents.records, sync)
    return contents
  }

  async #reconcile(stored: readonly CatalogueRecord[]): Promise<Contents> {
    const known = new Map(stored.map((record) => [record.id, record]))
    const records: CatalogueRecord[] = []
    const unreadable: string[] = []
    for (const id of await listDirectory(this.#paths.snapshots)) {
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
      const described = await describeSnapshot(directory, await readManifest(directory, id))
      const { directory: _, manifest, ...summary } = described
      return { ...summary, needs: neededImages(manifest) }
    } catch {
      // `store check` says what is wrong with it.
      return null
    }
  }

  async #load(): Promise<readonly CatalogueRecord[]> {
    const database = await this.#open()
    await database.read()
    return database.data.records
  }

  async #save(records: readonly CatalogueRecord[], sync: boolean): Promise<void> {
    const database = await this.#open(sync)
    database.data.records = records
    try {
      await database.write()
    } catch {
      // A full disk, for one: the directories say the same, and the next reader goes by them.
    }
  }

  async #open(sync = true) {
    const { Low } = await import('lowdb')
    return new Low<CatalogueFile>(new SealedFile(this.#paths, sync), { version: 1, records: [] })
  }
}

/** Images of other snapshots that a snapshot needs, as "ID/FILE". */
export function neededImages(manifest: Manifest): readonly string[] {
  const needed = manifest.memories.flatMap(({ images }) =>
    images.filter((image) => image.snapshot !== manifest.id),
  )
  return [...new Set(needed.map((image) => `${image.snapshot}/${image.file}`))]
}

/** lowdb's own file adapter renames without fsync and believes what it reads. */
class SealedFile implements Adapter<CatalogueFile> {
  readonly #paths: StorePaths
  readonly #sync: boolean

  constructor(paths: StorePaths, sync: boolean) {
    this.#paths = paths
    this.#sync = sync
  }

  async read(): Promise<CatalogueFile | null> {
    const text = await readFile(this.#paths.catalogue, 'utf8').catch(() => '')
    const document = unsealJson(text) as CatalogueFile | null
    return document?.version === 1 && Array.isArray(document.records) ? document : null
  }

  async write(data: CatalogueFile): Promise<void> {
    await makeDirectory(this.#paths.temporary)
    const temporary = temporaryPath(this.#paths)
    await replaceFile(this.#paths.catalogue, sealJson(data), temporary, { sync: this.#sync })
  }
}
