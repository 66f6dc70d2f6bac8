import { WasmshError } from '../core/errors.js'
import type { Guest } from '../core/guest/guest.js'
import type { AnyPlugin, ResourceTracker } from '../core/plugin.js'
import { storedState } from '../core/plugin-host/stored-state.js'
import type { GuestSubject, StoredSubject, Subject } from '../core/plugin-shell.js'
import { parseSubject } from './inspection.js'
import type { Session } from './session.js'

type Tracker = ResourceTracker<unknown>

/** A guest with what a plugin knows of it.
 *  @throws WasmshError ERR_WASMSH_PLUGIN_GUEST, and why a tracker is not to be trusted */
export function guestSubject(guest: Guest, plugin: AnyPlugin): GuestSubject<Tracker> {
  const tracker = guest.tracker(plugin.name)
  if (tracker !== undefined) return { kind: 'guest', guest, tracker }
  throw new WasmshError(
    'ERR_WASMSH_PLUGIN_GUEST',
    `Guest "${guest.name}" was started without plugin "${plugin.name}"`,
    { guest: guest.name },
  )
}

/** A stored snapshot with the state that a plugin has in it. */
export async function storedSubject(
  { shell }: Session,
  plugin: AnyPlugin,
  name: string,
): Promise<StoredSubject<Tracker>> {
  const snapshot = await shell.store.get(name)
  const { descriptors } = await shell.store.view(name)
  const state = await storedState(snapshot.directory, snapshot.manifest, plugin)
  return { kind: 'snapshot', snapshot, state, descriptors }
}

/** What a command is about: by name ("GUEST", "snapshot:NAME"), or the chosen one. */
export async function findSubject(
  session: Session,
  plugin: AnyPlugin,
  named: string | undefined,
): Promise<Subject<Tracker>> {
  const { selection } = session
  const subject =
    named !== undefined
      ? parseSubject(session, named)
      : selection.kind === 'snapshot'
        ? selection
        : ({ kind: 'guest', guest: session.findGuest(undefined) } as const)
  return subject.kind === 'guest'
    ? guestSubject(subject.guest, plugin)
    : await storedSubject(session, plugin, subject.name)
}

/** What completion is about: the chosen guest or snapshot; null when there is none. */
export async function chosenSubject(
  session: Session,
  plugin: AnyPlugin,
): Promise<Subject<Tracker> | null> {
  if (session.selection.kind === 'none') return null
  return await findSubject(session, plugin, undefined).catch(() => null)
}

/** Places that `set` can change in what plugins keep. */
export async function completeTargets(session: Session): Promise<readonly string[]> {
  const found = await Promise.all(
    session.shell.plugins.all().map(async (plugin) => {
      const complete = plugin.edits?.complete
      if (complete === undefined) return []
      try {
        return await complete(await chosenSubject(session, plugin))
      } catch {
        // Completion offers what it can; the command itself will say what is wrong.
        return []
      }
    }),
  )
  return found.flat()
}
