import type { AnyPlugin, Json } from '../core/plugin.js'
import type { Page } from './page.js'
import { findSubject } from './plugin-subject.js'
import type { Session } from './session.js'
import { printable } from './text.js'

/** What a plugin would store of a guest now, or has stored in a snapshot. */
export interface ResourceState {
  readonly class: string
  /** Name of the guest or the snapshot. */
  readonly of: string
  readonly stateVersion: number
  /** As it is stored; null when there is none. */
  readonly state: Json
  /** Text of the plugin's own formatter, where it has one. */
  format(page: Page): Promise<string> | null
}

/** Reads the state of a class; a guest that runs is paused for it and goes on afterwards. */
export async function readResourceState(
  session: Session,
  plugin: AnyPlugin,
  named: string | undefined,
): Promise<ResourceState> {
  const subject = await findSubject(session, plugin, named)
  const [of, state] =
    subject.kind === 'snapshot'
      ? [subject.snapshot.name, subject.state]
      : [subject.guest.name, await subject.guest.resourceState(plugin.name)]
  const formatter = plugin.formatters?.state
  return {
    class: plugin.name,
    of,
    stateVersion: plugin.state.version,
    state: state === null ? null : plugin.state.format(state),
    format: (page) =>
      state === null || formatter === undefined
        ? null
        : Promise.resolve(formatter(state as never, page)),
  }
}

export async function renderState(result: ResourceState, page: Page): Promise<string> {
  const text = await result.format(page)
  if (text !== null) return text
  if (result.state === null) return page.theme.quiet(`${result.of} has none.`)
  return JSON.stringify(result.state, null, 2).split('\n').map(printable).join('\n')
}
