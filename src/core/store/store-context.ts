import { WasmshError } from '../errors.js'
import type { NativeBinding, NativeModule } from '../native.js'
import { didYouMean } from '../near.js'
import type { StorePaths } from '../paths.js'
import { type ManifestGroup, namePattern } from '../snapshot/manifest.js'
import type { Catalogue, CatalogueRecord } from './catalogue.js'
import { groupsOf } from './group.js'
import type { Lock } from './lock.js'
import type { ModuleStore } from './module-store.js'

/** What the operations of a store share. */
export interface StoreContext {
  readonly paths: StorePaths
  readonly native: NativeBinding
  /** Loads a module for the checks that edits of stored snapshots need. */
  readonly loadModule: (sha256: string, bytes: Uint8Array) => Promise<NativeModule>
  readonly modules: ModuleStore
  readonly catalogue: Catalogue
  /** Held for changes of what is visible; never while something large is written. */
  readonly lock: Lock
}

/** @throws WasmshError SNAPSHOT_NAME */
export function requireName(name: string): void {
  if (namePattern.test(name)) return
  throw new WasmshError(
    'ERR_WASMSH_SNAPSHOT_NAME',
    `${JSON.stringify(name.slice(0, 120))} cannot be the name of a snapshot`,
  )
}

/** Finds a snapshot by its name, or by its id or the first 8 or more characters of that.
 *  @throws WasmshError SNAPSHOT_UNKNOWN */
export function findRecord(records: readonly CatalogueRecord[], wanted: string): CatalogueRecord {
  // The newest of two with one name: a process died while it replaced the older one.
  const named = records.findLast((record) => record.name === wanted)
  if (named !== undefined) return named
  const begun = records.filter(({ id }) => wanted.length >= 8 && id.startsWith(wanted))
  const [only, another] = begun
  if (only !== undefined && another === undefined) return only
  const group = groupsOf(records).findLast(({ name }) => name === wanted)
  if (group !== undefined) throw isGroup(records, group)
  const names = records.map((record) => record.name)
  const otherwise = 'List the snapshots with "snapshots".'
  throw new WasmshError(
    'ERR_WASMSH_SNAPSHOT_UNKNOWN',
    `There is no snapshot ${JSON.stringify(wanted)}`,
    { hint: didYouMean(wanted, names, otherwise) },
  )
}

function isGroup(records: readonly CatalogueRecord[], group: ManifestGroup): WasmshError {
  const names = group.members
    .flatMap(({ snapshot }) => records.filter(({ id }) => id === snapshot))
    .map(({ name }) => name)
    .join(', ')
  return new WasmshError(
    'ERR_WASMSH_SNAPSHOT_UNKNOWN',
    `${JSON.stringify(group.name)} is no snapshot but a group of them`,
    { hint: `Name its snapshots one by one: ${names}.` },
  )
}

/** @throws WasmshError SNAPSHOT_EXISTS */
export function requireFree(records: readonly CatalogueRecord[], name: string): void {
  if (!records.some((record) => record.name === name)) return
  throw new WasmshError('ERR_WASMSH_SNAPSHOT_EXISTS', `A snapshot named "${name}" is there already`)
}

/** A name that no snapshot has: the base and a number one above the highest. */
export function nextName(records: readonly { readonly name: string }[], base: string): string {
  const plain = base.replace(/[^\p{L}\p{N}._+@-]/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '')
  const stem = plain.slice(0, 80) || 'guest'
  const numbers = records.map(({ name }) => {
    const isOurs = name.startsWith(`${stem}-`) && /^\d{1,9}$/.test(name.slice(stem.length + 1))
    return isOurs ? Number(name.slice(stem.length + 1)) : 0
  })
  return `${stem}-${Math.max(0, ...numbers) + 1}`
}
