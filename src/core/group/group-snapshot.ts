import { randomUUID } from 'node:crypto'
import type { Guest } from '../guest/guest.js'
import type { SnapshotOptions, WrittenSnapshot } from '../guest/guest-snapshot.js'
import type { GroupContext } from '../plugin.js'
import type { ManifestGroup } from '../snapshot/manifest.js'
import type { SnapshotEntry } from '../snapshot/snapshot-entry.js'
import type { PreparedDraft } from '../store/publish.js'
import type { Store } from '../store/store.js'

/** Snapshots that belong together. */
export interface GroupEntry {
  readonly name: string
  /** In the order in which the guests were started. */
  readonly members: readonly SnapshotEntry[]
}

type Write = Parameters<Parameters<Guest['whileWriting']>[0]>[0]

/**
 * Stores guests that stand still as one group: a snapshot of each, "NAME.GUEST", all or none of
 * them. None of the guests can go on before the last is written.
 *
 * @throws WasmshError as Guest.snapshot
 */
export async function snapshotGroup(
  store: Store,
  guests: readonly Guest[],
  wanted: string | undefined,
  options: SnapshotOptions,
): Promise<GroupEntry> {
  const name = wanted ?? (await store.freeName(guests[0]?.name ?? 'group'))
  await store.requireFreeGroup(name, options.force ?? false)
  const context: GroupContext = { id: randomUUID(), guests: guests.map((guest) => guest.name) }
  const members = await hold(guests, async (writers) => {
    const written: WrittenSnapshot[] = []
    try {
      for (const [at, write] of writers.entries()) {
        const member = memberName(name, guests[at]?.name ?? '')
        written.push(await write(member, options, context))
      }
    } catch (error) {
      await Promise.all(written.map((one) => one.abort().catch(() => undefined)))
      throw error
    }
    const group: ManifestGroup = {
      id: context.id,
      name,
      members: written.map(({ id, guest }) => ({ snapshot: id, guest })),
    }
    return await store.publish(await prepareAll(written, group))
  })
  return { name, members }
}

/** Name of one guest's snapshot in a group. */
export function memberName(group: string, guest: string): string {
  return `${group}.${guest}`
}

/** Calls back while all of the guests stand still. */
async function hold<Result>(
  guests: readonly Guest[],
  body: (writers: readonly Write[]) => Promise<Result>,
  writers: readonly Write[] = [],
): Promise<Result> {
  const [guest, ...others] = guests
  if (guest === undefined) return await body(writers)
  return await guest.whileWriting((write) => hold(others, body, [...writers, write]))
}

async function prepareAll(
  written: readonly WrittenSnapshot[],
  group: ManifestGroup,
): Promise<readonly PreparedDraft[]> {
  const prepared: PreparedDraft[] = []
  const left = [...written]
  try {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      prepared.push(await next.prepare(group))
    }
    return prepared
  } catch (error) {
    await Promise.all([...left, ...prepared].map((one) => one.abort().catch(() => undefined)))
    throw error
  }
}
