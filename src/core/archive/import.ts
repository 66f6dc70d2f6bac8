import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fromSystem, nativeCall, nativePromise, WasmshError } from '../errors.js'
import { verifyBlobs } from '../snapshot/blobs.js'
import type { Manifest } from '../snapshot/manifest.js'
import { maxManifestBytes, parseManifest } from '../snapshot/manifest-codec.js'
import type { SnapshotEntry } from '../snapshot/snapshot-entry.js'
import { manifestFile, readListed, sha256 } from '../snapshot/snapshot-files.js'
import { requireSameModule } from '../store/check.js'
import { DraftDirectory } from '../store/draft.js'
import { finishMarks } from '../store/forget.js'
import { requireMemorySize } from '../store/read-snapshot.js'
import { requireFree, requireName, type StoreContext } from '../store/store-context.js'
import type { ImportOptions } from '../store/store-options.js'
import { moduleFile } from './export.js'
import { type ArchiveMember, readArchive } from './unpack.js'
import { writeMember } from './unpack-member.js'

const defaultLimitBytes = 16 * 1024 ** 3
const maxModuleBytes = 1024 ** 3

/** What an archive held once all of it was read and checked. */
interface Unpacked {
  readonly manifest: Manifest
  readonly draft: DraftDirectory
  readonly module: Uint8Array | null
}

/** Takes a .wsnap file of unknown origin in. Nothing is visible before all of it was checked. */
export async function importSnapshot(
  context: StoreContext,
  file: string,
  options: ImportOptions,
): Promise<SnapshotEntry> {
  if (options.name !== undefined) requireName(options.name)
  const { manifest, draft, module } = await unpack(context, file, options)
  try {
    await checkContents(context, manifest, draft.directory)
    if (module !== null) await context.modules.put(manifest.module.sha256, module)
    const { id: _, name, files: __, ...parts } = manifest
    const chosen = options.name ?? name
    const commit = { name: chosen, base: chosen, force: false, sync: true, bindings: [] }
    return await draft.commit(parts, commit)
  } catch (error) {
    await draft.abort().catch(() => undefined)
    throw error
  }
}

async function unpack(
  context: StoreContext,
  file: string,
  options: ImportOptions,
): Promise<Unpacked> {
  const archive = await openArchive(file)
  let draft: DraftDirectory | null = null
  try {
    const totalBytes = (await archive.stat()).size
    const codec = context.native.createDecompressor(options.limitBytes ?? defaultLimitBytes)
    const progress = (doneBytes: number) => options.onProgress?.({ doneBytes, totalBytes })
    let manifest: Manifest | null = null
    let module: Uint8Array | null = null
    const seen = new Set<string>()
    for await (const member of readArchive(archive, codec, progress)) {
      if (seen.has(member.name)) throw invalid(`${member.name} is in it twice`)
      seen.add(member.name)
      if (manifest === null) {
        manifest = await readFirst(member)
        draft = await begin(context, manifest, options.name)
      } else if (member.name === moduleFile) {
        module = await readModule(member, manifest)
      } else if (draft !== null) {
        await writeMember(member, requireListed(manifest, member.name), draft.directory)
      }
    }
    if (manifest === null || draft === null) throw invalid('It is empty')
    const missing = Object.keys(manifest.files).find((name) => !seen.has(name))
    if (missing !== undefined) throw invalid(`${missing} is missing`)
    return { manifest, draft, module }
  } catch (error) {
    await draft?.abort().catch(() => undefined)
    throw error
  } finally {
    await archive.close()
  }
}

async function openArchive(file: string) {
  try {
    const archive = await open(file, 'r')
    if ((await archive.stat()).isFile()) return archive
    await archive.close()
  } catch (error) {
    const hint = 'Give the path of a .wsnap file that you can read.'
    throw fromSystem('ERR_WASMSH_STORE_READ', `Cannot read ${file}`, error, { hint })
  }
  throw new WasmshError('ERR_WASMSH_ARCHIVE_INVALID', `${file} is not a file`)
}

async function readFirst(member: ArchiveMember): Promise<Manifest> {
  if (member.name !== manifestFile) throw invalid(`It begins with ${member.name}`)
  const bytes = await readSmall(member, maxManifestBytes)
  const manifest = await parseManifest(Buffer.from(bytes).toString('utf8'), manifestFile)
  for (const { images } of manifest.memories) {
    if (images.some((image) => image.snapshot !== manifest.id)) {
      throw invalid('It refers to images of other snapshots')
    }
  }
  return manifest
}

/** Refuses early what the commit would refuse after all of the work. */
async function begin(
  context: StoreContext,
  manifest: Manifest,
  name: string | undefined,
): Promise<DraftDirectory> {
  return context.lock.run(async () => {
    await finishMarks(context)
    const { records } = await context.catalogue.read()
    const same = records.find(({ id }) => id === manifest.id)
    const isThere = await stat(join(context.paths.snapshots, manifest.id)).catch(() => null)
    if (same !== undefined || isThere !== null) {
      throw new WasmshError(
        'ERR_WASMSH_SNAPSHOT_EXISTS',
        `The snapshot is in this store already, as "${same?.name ?? manifest.id}"`,
        { hint: 'Recover that one, or forget it first.' },
      )
    }
    requireFree(records, name ?? manifest.name)
    const needs = { module: manifest.module.sha256, images: [] }
    return DraftDirectory.create(context, needs, manifest.id)
  })
}

function requireListed(manifest: Manifest, name: string) {
  const listed = manifest.files[name]
  if (listed === undefined) throw invalid(`It has a file ${name} that its manifest does not list`)
  return listed
}

async function readModule(member: ArchiveMember, { module }: Manifest): Promise<Uint8Array> {
  const bytes = await readSmall(member, Math.min(module.bytes, maxModuleBytes))
  if (sha256(bytes) === module.sha256) return bytes
  throw new WasmshError('ERR_WASMSH_MODULE_CORRUPT', 'The module in it does not match its digest')
}

async function readSmall(member: ArchiveMember, limitBytes: number): Promise<Uint8Array> {
  if (member.sparseBytes !== null || member.bytes > limitBytes) {
    throw invalid(`${member.name} is larger than it may be`)
  }
  const pieces: Uint8Array[] = []
  for await (const piece of member.pieces) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The same checks as a recovery makes, short of those that need the module. */
async function checkContents(
  { native }: StoreContext,
  manifest: Manifest,
  directory: string,
): Promise<void> {
  const state = await readListed(directory, manifest, manifest.state)
  requireSameModule(manifest, nativeCall(() => native.decodeState(state)).moduleSha256)
  for (const { file } of manifest.plugins) await readListed(directory, manifest, file)
  await verifyBlobs(directory, manifest)
  for (const memory of manifest.memories) {
    const index = await readListed(directory, manifest, memory.index)
    requireMemorySize(native, index, memory)
    const images = memory.images.map(({ file }) => join(directory, file))
    await nativePromise(() => native.verifyImage(index, images))
  }
}

function invalid(reason: string): WasmshError {
  return new WasmshError('ERR_WASMSH_ARCHIVE_INVALID', `The archive is not whole: ${reason}`)
}
