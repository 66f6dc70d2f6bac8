import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCodes } from '../error-codes.js'
import { nativeCall, nativePromise, WasmshError } from '../errors.js'
import type { Manifest } from '../snapshot/manifest.js'
import { bindingsFile, manifestFile } from '../snapshot/snapshot-files.js'
import { neededImages } from './catalogue.js'
import { listDirectory } from './durable-file.js'
import { unneededModules } from './gc.js'
import { visibleSnapshots } from './group-mark.js'
import { readEntryById, readSnapshot } from './read-snapshot.js'
import type { StoreContext } from './store-context.js'
import type { StoreProblem, StoreReport } from './store-options.js'
import { listLeftovers } from './temporary.js'

const gcHint = 'Remove it with "store gc".'

/** Reads everything in the store and compares every digest. Needs no lock: what is visible is
 *  whole, and a snapshot that is forgotten meanwhile is left out. */
export async function checkStore(context: StoreContext): Promise<StoreReport> {
  const problems: StoreProblem[] = []
  const manifests: Manifest[] = []
  let bytes = 0
  const ids = visibleSnapshots(context.paths)
  for (const id of ids) {
    try {
      const manifest = await checkSnapshot(context, id, problems)
      manifests.push(manifest.manifest)
      bytes += manifest.bytes
    } catch (error) {
      const isThere = (await stat(join(context.paths.snapshots, id)).catch(() => null)) !== null
      if (isThere) problems.push(damage(id, error))
    }
  }
  problems.push(...sameNames(manifests))
  const digests = await context.modules.list()
  for (const digest of digests) {
    try {
      bytes += (await context.modules.get(digest)).length
    } catch (error) {
      problems.push(damage(digest, error))
    }
  }
  problems.push(...missingModules(manifests, digests), ...(await findWaste(context, manifests)))
  return { snapshots: manifests.length, modules: digests.length, bytes, problems }
}

/** @throws WasmshError for the first thing wrong with it */
async function checkSnapshot(
  context: StoreContext,
  id: string,
  problems: StoreProblem[],
): Promise<{ readonly manifest: Manifest; readonly bytes: number }> {
  const entry = await readEntryById(context, id)
  const { manifest, directory, bytes } = entry
  try {
    const { native } = context
    const stored = await readSnapshot(context, entry)
    const view = nativeCall(() => native.decodeState(stored.state))
    requireSameModule(manifest, view.moduleSha256)
    for (const { index, images } of stored.memories) {
      await nativePromise(() => native.verifyImage(index, images))
    }
  } catch (error) {
    problems.push(damage(manifest.name, error))
  }
  const known = new Set([...Object.keys(manifest.files), manifestFile, bindingsFile])
  for (const file of await readdir(directory)) {
    if (known.has(file)) continue
    problems.push({
      severity: 'damage',
      code: 'ERR_WASMSH_SNAPSHOT_CORRUPT',
      message: `${file} is not in the manifest of snapshot "${manifest.name}"`,
      resource: join(directory, file),
      hint: 'wasmsh did not put it there: look at it, then remove it.',
    })
  }
  return { manifest, bytes }
}

/** @throws WasmshError SNAPSHOT_CORRUPT when manifest and state name different modules */
export function requireSameModule(manifest: Manifest, digest: string): void {
  if (manifest.module.sha256 === digest) return
  throw corrupt('State and manifest are of different modules')
}

function corrupt(message: string): WasmshError {
  return new WasmshError('ERR_WASMSH_SNAPSHOT_CORRUPT', message)
}

function damage(resource: string, error: unknown): StoreProblem {
  const known =
    error instanceof WasmshError ? error : new WasmshError('ERR_WASMSH_INTERNAL', String(error))
  const { code, message, hint } = known
  return { severity: 'damage', code, message, resource, hint }
}

function sameNames(manifests: readonly Manifest[]): StoreProblem[] {
  const newest = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const other = newest.get(manifest.name)
    if (other === undefined || other.created < manifest.created) newest.set(manifest.name, manifest)
  }
  return manifests
    .filter((manifest) => newest.get(manifest.name) !== manifest)
    .map((manifest) => ({
      severity: 'waste',
      code: 'ERR_WASMSH_SNAPSHOT_EXISTS',
      message: `A newer snapshot has its name, "${manifest.name}"`,
      resource: manifest.id,
      hint: `Remove the older one with "forget ${manifest.id}".`,
    }))
}

function missingModules(
  manifests: readonly Manifest[],
  digests: readonly string[],
): StoreProblem[] {
  const stored = new Set(digests)
  return manifests
    .filter(({ module }) => !stored.has(module.sha256))
    .map(({ name, guest, module }) => ({
      severity: 'damage',
      code: 'ERR_WASMSH_MODULE_MISSING',
      message: `The module of its guest, ${guest.file} with SHA-256 ${module.sha256}, is missing`,
      resource: name,
      hint: errorCodes.ERR_WASMSH_MODULE_MISSING.remedy,
    }))
}

async function findWaste(
  context: StoreContext,
  manifests: readonly Manifest[],
): Promise<StoreProblem[]> {
  const { paths } = context
  const waste: { resource: string; message: string }[] = []
  for (const name of await listLeftovers(paths)) {
    waste.push({ resource: join(paths.temporary, name), message: 'A process ended while it wrote' })
  }
  const needed = new Set(manifests.flatMap(neededImages))
  for (const id of listDirectory(paths.kept)) {
    const files = await readdir(join(paths.kept, id)).catch(() => [])
    for (const file of files.filter((name) => name.endsWith('.img'))) {
      const isUsed = needed.has(`${id}/${file}`)
      const resource = join(paths.kept, id, file)
      if (!isUsed) waste.push({ resource, message: 'No snapshot needs this image any more' })
    }
  }
  for (const digest of await unneededModules(context)) {
    const resource = context.modules.path(digest)
    waste.push({ resource, message: 'No snapshot needs this module any more' })
  }
  return waste.map(({ resource, message }) => ({
    severity: 'waste',
    code: 'ERR_WASMSH_STORE_WASTE',
    message,
    resource,
    hint: gcHint,
  }))
}
