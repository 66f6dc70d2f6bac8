import { basename, join } from 'node:path'
import { WasmshError } from '../errors.js'
import type { NativeParent } from '../native.js'
import { formatVersion, type Manifest, type ManifestMemory } from '../snapshot/manifest.js'
import type { DraftOptions, SnapshotDraft, SnapshotFacts } from '../snapshot/snapshot-entry.js'
import { readListed, readManifest } from '../snapshot/snapshot-files.js'
import { productVersion } from '../version.js'
import { DraftDirectory } from './draft.js'
import { type PreparedDraft, publishOne } from './publish.js'
import { requireFree, requireName, type StoreContext } from './store-context.js'

/** A snapshot with that many images per memory gets no further child: the next one is full, so that
 *  recovery never opens more files than these. */
export const maxImages = 8

interface Base {
  readonly manifest: Manifest
  readonly indexes: readonly Uint8Array[]
}

/** Starts a snapshot of a guest; native code writes its files.
 *  @throws WasmshError SNAPSHOT_NAME, SNAPSHOT_EXISTS, STORE_FULL, STORE_WRITE, STORE_LOCKED */
export async function beginSnapshot(
  context: StoreContext,
  options: DraftOptions,
): Promise<SnapshotDraft> {
  const { name, module, force = false, sync = true } = options
  if (name !== undefined) requireName(name)
  const { draft, base } = await context.lock.run(async () => {
    const { records } = await context.catalogue.read()
    if (name !== undefined && !force) requireFree(records, name)
    const isStored = records.some(({ id }) => id === options.baseToken)
    const base = isStored ? await readBase(context, options.baseToken) : null
    const needs = { module: module.sha256, images: base === null ? [] : allImages(base.manifest) }
    return { draft: await DraftDirectory.create(context, needs), base }
  })
  const parent: NativeParent | null =
    base === null || isLong(base.manifest)
      ? null
      : { indexes: base.indexes, token: options.baseToken }
  const prepare = async (facts: SnapshotFacts): Promise<PreparedDraft> => {
    try {
      await context.modules.put(module.sha256, module.bytes, sync)
      const parts = describe(context, options, facts, draft.id, base)
      const { name = null, guest } = options
      const bindings = facts.hostBindings
      return await draft.prepare(parts, { name, base: guest.name, force, sync, bindings })
    } catch (error) {
      await draft.abort().catch(() => undefined)
      throw error
    }
  }
  return {
    id: draft.id,
    directory: draft.directory,
    parent,
    prepare,
    commit: async (facts) => await publishOne(context, await prepare(facts)),
    abort: () => draft.abort(),
  }
}

/** Null when the parent cannot be read: the snapshot is then a full one. */
async function readBase(context: StoreContext, id: string): Promise<Base | null> {
  const directory = join(context.paths.snapshots, id)
  try {
    const manifest = await readManifest(directory, id)
    const indexes = manifest.memories.map(({ index }) => readListed(directory, manifest, index))
    return { manifest, indexes: await Promise.all(indexes) }
  } catch {
    return null
  }
}

function isLong(manifest: Manifest): boolean {
  return manifest.memories.some((memory) => memory.images.length >= maxImages)
}

function allImages(manifest: Manifest): readonly string[] {
  const images = manifest.memories.flatMap((memory) => memory.images)
  return [...new Set(images.map(({ snapshot, file }) => `${snapshot}/${file}`))]
}

function describe(
  { native }: StoreContext,
  { guest, module }: DraftOptions,
  facts: SnapshotFacts,
  id: string,
  base: Base | null,
): Omit<Manifest, 'id' | 'name' | 'files'> {
  return {
    format: formatVersion,
    wasmsh: productVersion(),
    created: new Date().toISOString(),
    // Without its folder: a snapshot says nothing about this host.
    guest: { name: printable(guest.name), file: printable(basename(guest.file)) },
    engine: facts.engine,
    wamr: native.wamrVersion,
    module: { sha256: module.sha256, bytes: module.bytes.length },
    status: facts.status,
    position: facts.position === null ? null : `${facts.position}`,
    state: 'state.bin',
    memories: facts.native.memories.map((written, number) => ({
      bytes: written.bytes,
      index: `memory-${number}.idx`,
      images: [
        { snapshot: id, file: `memory-${number}.img` },
        ...inherited(written.images - 1, base?.manifest.memories[number]),
      ],
    })),
    ...(facts.limits === undefined ? {} : { limits: facts.limits }),
    parent: base?.manifest.id ?? null,
    ...(facts.group === undefined ? {} : { group: facts.group }),
    needs: facts.needs,
    plugins: facts.plugins,
    bindings: facts.bindings,
    edits: facts.edits,
    ...(facts.remarks === undefined || facts.remarks.length === 0
      ? {}
      : {
          remarks: facts.remarks.map(({ resource, reason }) => ({
            resource: printable(resource),
            reason: printable(reason),
          })),
        }),
  }
}

/** Native code numbers the images of the parent behind the own one, and says up to which one the
 *  index refers to them. */
function inherited(count: number, parent: ManifestMemory | undefined): ManifestMemory['images'] {
  const images = parent?.images ?? []
  if (count <= images.length) return images.slice(0, count)
  throw new WasmshError(
    'ERR_WASMSH_INTERNAL',
    `A memory index refers to ${count} images of a parent that has ${images.length}`,
  )
}

/** Shown on terminals, so without what could steer one. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?').slice(0, 4096)
}
