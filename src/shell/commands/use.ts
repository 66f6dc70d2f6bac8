import { defineCommand } from '../command.js'
import { parseSubject } from '../inspection.js'
import { type GuestReport, renderReport, reportOf } from '../outcome.js'
import { printable } from '../text.js'

type Chosen =
  | { readonly kind: 'guest'; readonly guest: GuestReport }
  | { readonly kind: 'snapshot'; readonly snapshot: string; readonly created: string }

export const use = defineCommand<Chosen>({
  name: 'use',
  group: 'Running programs',
  summary: 'chooses the guest, or the stored snapshot, that other commands mean',
  usage: ['use GUEST', 'use snapshot:NAME'],
  arity: [1, 1],
  complete: ['guest-or-snapshot'],
  help: `Commands that name no guest mean the chosen one: the guest that was started or recovered last, until "use" says otherwise.

"use snapshot:NAME" looks at a stored snapshot without recovering it: frames, locals, stack, globals, tables, memory and info show what it holds, and "set" there writes a new snapshot with the change, a child of it.`,
  examples: ['use calc', 'use snapshot:before-the-edit'],
  async run(session, input) {
    const subject = parseSubject(session, input.required(0))
    if (subject.kind === 'guest') {
      session.choose(subject.guest)
      return { kind: 'guest', guest: reportOf(subject.guest) }
    }
    const { name, created } = await session.shell.store.get(subject.name)
    session.selection = { kind: 'snapshot', name }
    return { kind: 'snapshot', snapshot: name, created }
  },
  render: (chosen, page) =>
    chosen.kind === 'guest'
      ? renderReport(chosen.guest, page.theme)
      : `Looking at snapshot ${page.theme.guest(printable(chosen.snapshot))} of ${chosen.created}`,
})
