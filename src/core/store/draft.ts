import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBindings } from '../snapshot/bindings.js'
import { digestOfBlob, isBlobFile } from '../snapshot/blobs.js'
import type { Manifest, ManifestFile, ManifestMemory } from '../snapshot/manifest.js'
import { formatManifest } from '../snapshot/manifest-codec.js'
import type { HostBinding, SnapshotEntry } from '../snapshot/snapshot-entry.js'
import {
  bindingsFile,
  describeSnapshot,
  manifestFile,
  maxFileBytes,
  readWhole,
  sha256,
} from '../snapshot/snapshot-files.js'
import { toRecord } from './catalogue.js'
import { createFile, makeDirectory, removeFile, syncDirectory, writing } from './durable-file.js'
import { collectImages, removeSnapshot } from './forget.js'
import { nextName, requireFree, requireName, type StoreContext } from './store-context.js'
import { cleanTemporary, type DraftNeeds, needsPath, temporaryPath } from './temporary.js'

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

/**
 * A snapshot's directory while it is written, under a temporary name. Its commit is one rename:
 * before it nothing is visible, after it all is.
 */
export class DraftDirectory {
  readonly directory: string
  readonly #context: StoreContext

  private constructor(
    context: StoreContext,
    readonly id: string,
  ) {
    this.#context = context
    this.directory = temporaryPath(context.paths, id)
  }

  /** Creates the directory and keeps what it needs from being removed. The caller holds the lock,
   *  since nobody may collect garbage between the choice of what is needed and this. */
  static async create(
    context: StoreContext,
    needs: DraftNeeds,
    id: string = randomUUID(),
  ): Promise<DraftDirectory> {
    const draft = new DraftDirectory(context, id)
    return writing(draft.directory, async () => {
      makeDirectory(context.paths.temporary)
      await cleanTemporary(context.paths)
      try {
        // Not durable: it matters only while this process lives.
        await createFile(needsPath(draft.directory), JSON.stringify(needs), { sync: false })
        mkdirSync(draft.directory, { mode: 0o700 })
      } catch (error) {
        await draft.abort()
        throw error
      }
      return draft
    })
  }

  /** Lists, checks and hashes the files, writes the manifest and makes the snapshot visible. On
   *  failure nothing is left. */
  async commit(parts: ManifestParts, options: CommitOptions): Promise<SnapshotEntry> {
    try {
      const files = await this.#describeFiles(parts)
      await writing(this.directory, () =>
        createFile(join(this.directory, bindingsFile), formatBindings(options.bindings), options),
      )
      return await this.#context.lock.run(() => this.#publish(parts, files, options))
    } catch (error) {
      await this.abort().catch(() => undefined)
      throw error
    }
  }

  /** Removes all of it. */
  async abort(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
    removeFile(needsPath(this.directory))
  }

  async #publish(
    parts: ManifestParts,
    files: Manifest['files'],
    { name, base, force, sync }: CommitOptions,
  ): Promise<SnapshotEntry> {
    const { catalogue, paths } = this.#context
    const { records } = await catalogue.read()
    if (name !== null && !force) requireFree(records, name)
    const chosen = name ?? nextName(records, base)
    requireName(chosen)
    const manifest: Manifest = { ...parts, id: this.id, name: chosen, files }
    const target = join(paths.snapshots, this.id)
    await writing(target, async () => {
      makeDirectory(paths.snapshots)
      await createFile(join(this.directory, manifestFile), formatManifest(manifest), { sync })
      if (sync) await syncDirectory(this.directory)
      renameSync(this.directory, target)
      if (sync) await syncDirectory(paths.snapshots)
    })
    const entry = describeSnapshot(target, manifest)
    const replaced = records.filter((record) => record.name === chosen)
    // The new one is stored, whatever happens to the one it replaces: of two with the same name the
    // newer is found.
    await this.#remove(replaced.map(({ id }) => id)).catch(() => null)
    await catalogue.refresh(toRecord(entry))
    removeFile(needsPath(this.directory))
    return entry
  }

  async #remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await removeSnapshot(this.#context, id)
    if (ids.length > 0) await collectImages(this.#context)
  }

  async #describeFiles(parts: ManifestParts): Promise<Manifest['files']> {
    const files: Record<string, ManifestFile> = {}
    const plain = [parts.state, ...parts.memories.map((memory) => memory.index)]
    for (const file of plain) {
      const bytes = await readWhole(join(this.directory, file), maxFileBytes)
      files[file] = { bytes: bytes.length, sha256: sha256(bytes) }
    }
    for (const { file } of parts.plugins) {
      const bytes = await readWhole(join(this.directory, file), maxFileBytes)
      files[file] = { bytes: bytes.length, sha256: sha256(bytes) }
    }
    for (const file of readdirSync(this.directory).filter(isBlobFile)) {
      const { size } = statSync(join(this.directory, file))
      files[file] = { bytes: size, sha256: digestOfBlob(file) }
    }
    for (const file of ownImages(this.id, parts.memories)) {
      files[file] = { bytes: statSync(join(this.directory, file)).size }
    }
    return files
  }
}

function ownImages(id: string, memories: readonly ManifestMemory[]): readonly string[] {
  const images = memories.flatMap((memory) => memory.images)
  return images.filter((image) => image.snapshot === id).map((image) => image.file)
}
