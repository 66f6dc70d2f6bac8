import type { Guest } from '../core/guest/guest.js'
import type { Arguments } from './arguments.js'
import type { OptionSpecs } from './command.js'
import { type GroupReport, reportOf } from './outcome.js'
import type { Session } from './session.js'

/** Option of commands that can be about all guests that share pipes with one. */
export const groupOption: OptionSpecs = {
  group: { type: 'boolean', summary: 'with all guests that it shares pipes with' },
}

/** The guest that is meant or, with --group, all of its group. */
export function findGuests(
  session: Session,
  input: Arguments,
  name: string | undefined,
): readonly [Guest, ...Guest[]] {
  const guest = session.findGuest(name)
  if (!input.flag('group')) return [guest]
  const [first = guest, ...others] = session.shell.groupOf(guest)
  return [first, ...others]
}

/** What a command answers about guests that findGuests has found. */
export function reportGroup(input: Arguments, guests: readonly [Guest, ...Guest[]]): GroupReport {
  return input.flag('group') ? { guests: guests.map(reportOf) } : reportOf(guests[0])
}
