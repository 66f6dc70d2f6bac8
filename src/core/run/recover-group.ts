import { randomUUID } from 'node:crypto'
import { WasmshError } from '../errors.js'
import type { DirectoryMapping, RecoverOptions } from '../guest/run-options.js'
import { closeStreams } from '../guest/streams.js'
import type { GroupContext } from '../plugin.js'
import { undoPlugins } from '../plugin-host/recover-plugins.js'
import type { StoredGroup } from '../store/group.js'
import { closeGiven } from './given.js'
import { prepareRecovery } from './recover.js'
import type { Prepared, StartContext } from './run.js'

/** Options of a group: names and descriptors are those of its guests. */
export type RecoverGroupOptions = Omit<
  RecoverOptions,
  'name' | 'pauseAt' | 'descriptors' | 'module' | 'stdin' | 'stdout' | 'stderr'
>

/** Checks all snapshots of a group and puts in place what they need; guests are to start paused. */
export async function prepareGroup(
  context: StartContext,
  group: StoredGroup,
  options: RecoverGroupOptions,
): Promise<readonly Prepared[]> {
  const entries = await Promise.all(group.members.map(({ id }) => context.store.get(id)))
  const paths = entries.map(({ manifest }) =>
    manifest.bindings.flatMap(({ guestPath }) => (guestPath === undefined ? [] : [guestPath])),
  )
  const mapDirs = options.mapDirs ?? []
  requireUsed(mapDirs, paths.flat(), group.name)
  const together: GroupContext = {
    id: randomUUID(),
    guests: group.members.map(({ guest }) => guest.name),
  }
  const prepared: Prepared[] = []
  try {
    for (const [at, { id }] of entries.entries()) {
      const own = mapDirs.filter(({ guest }) => paths[at]?.includes(guest))
      prepared.push(
        await prepareRecovery(context, id, { ...options, paused: true, mapDirs: own }, together),
      )
    }
    return prepared
  } catch (error) {
    await Promise.all(prepared.map((one) => abandon(context, one)))
    throw error
  }
}

/** Lets go of what was put in place for a guest that is not started after all. */
export async function abandon({ binding }: StartContext, prepared: Prepared): Promise<void> {
  closeStreams(binding, prepared.streams, true)
  closeGiven(prepared.given)
  await undoPlugins(prepared.plugins)
}

function requireUsed(
  mapDirs: readonly DirectoryMapping[],
  paths: readonly string[],
  group: string,
): void {
  const stray = mapDirs.find(({ guest }) => !paths.includes(guest))
  if (stray === undefined) return
  throw new WasmshError(
    'ERR_WASMSH_OPTION_INVALID',
    `No guest of group "${group}" has a directory "${stray.guest}"`,
  )
}
