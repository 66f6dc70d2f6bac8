import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBindings } from '../snapshot/bindings.js'
import { digestOfBlob, isBlobFile } from '../snapshot/blobs.js'
import type { Manifest, ManifestFile, ManifestMemory } from '../snapshot/manifest.js'
import type { SnapshotEntry } from '../snapshot/snapshot-entry.js'
import { bindingsFile, maxFileBytes, readWhole, sha256 } from '../snapshot/snapshot-files.js'
import { createFile, makeDirectory, removeFile, writing } from './durable-file.js'
import { finishMarks } from './forget.js'
import {
  type CommitOptions,
  type ManifestParts,
  type PreparedDraft,
  publishOne,
} from './publish.js'
import type { StoreContext } from './store-context.js'
import { cleanTemporary, type DraftNeeds, needsPath, temporaryPath } from './temporary.js'

/**
 * A snapshot's directory while it is written, under a temporary name. See publish.ts for how it
 * becomes visible.
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
      await finishMarks(context)
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

  /** Lists, checks and hashes the files; only `publish` makes the snapshot visible. On failure
   *  nothing is left. */
  async prepare(parts: ManifestParts, options: CommitOptions): Promise<PreparedDraft> {
    try {
      const files = await this.#describeFiles(parts)
      await writing(this.directory, () =>
        createFile(join(this.directory, bindingsFile), formatBindings(options.bindings), options),
      )
      const { id, directory } = this
      return { id, directory, parts: { ...parts, files }, options, abort: () => this.abort() }
    } catch (error) {
      await this.abort().catch(() => undefined)
      throw error
    }
  }

  /** Prepares it and makes it visible. On failure nothing is left. */
  async commit(parts: ManifestParts, options: CommitOptions): Promise<SnapshotEntry> {
    return await publishOne(this.#context, await this.prepare(parts, options))
  }

  /** Removes all of it. */
  async abort(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
    removeFile(needsPath(this.directory))
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
