import { WasmshError } from '../errors.js'
import type { ManifestGroup } from '../snapshot/manifest.js'
import type { SnapshotSummary } from '../snapshot/snapshot-entry.js'
import type { CatalogueRecord } from './catalogue.js'

/** A stored group: snapshots of guests that share resources. */
export interface StoredGroup {
  readonly id: string
  readonly name: string
  /** In the order in which the guests were started. */
  readonly members: readonly SnapshotSummary[]
}

/** Finds a group by its name, the newest of that name; undefined when there is none.
 *  @throws WasmshError ERR_WASMSH_GROUP_INCOMPLETE when snapshots of it were forgotten */
export function findGroup(
  records: readonly CatalogueRecord[],
  name: string,
): StoredGroup | undefined {
  const group = groupsOf(records).findLast((one) => one.name === name)
  if (group === undefined) return undefined
  const found = group.members.map(({ snapshot }) => records.find(({ id }) => id === snapshot))
  const lost = group.members.filter((_, at) => found[at] === undefined)
  if (lost.length > 0) {
    const guests = lost.map(({ guest }) => `"${guest}"`).join(', ')
    throw new WasmshError(
      'ERR_WASMSH_GROUP_INCOMPLETE',
      `Group "${name}" lacks its snapshot of ${guests}`,
    )
  }
  const members = found.flatMap((record) => {
    if (record === undefined) return []
    const { needs: _, ...summary } = record
    return [summary]
  })
  return { id: group.id, name, members }
}

/** Groups that have a snapshot left, the oldest first. */
export function groupsOf(records: readonly CatalogueRecord[]): readonly ManifestGroup[] {
  const groups = new Map<string, ManifestGroup>()
  for (const { group } of records) if (group !== undefined) groups.set(group.id, group)
  return [...groups.values()]
}

/** Refuses a name that a snapshot or a group has.
 *  @throws WasmshError ERR_WASMSH_SNAPSHOT_EXISTS */
export function requireFreeGroup(
  records: readonly CatalogueRecord[],
  name: string,
  force: boolean,
): void {
  const isGroup = groupsOf(records).some((group) => group.name === name)
  const isSnapshot = records.some((record) => record.name === name)
  if (!isSnapshot && (force || !isGroup)) return
  const what = isSnapshot ? 'snapshot' : 'group'
  throw new WasmshError('ERR_WASMSH_SNAPSHOT_EXISTS', `There is a ${what} "${name}" already`)
}
