import type { Edit } from '../../core/edit/edit.js'
import type { ManifestEdit } from '../../core/snapshot/manifest.js'
import { defineCommand, guestOption } from '../command.js'
import { subjectOf } from '../inspection.js'
import { printable } from '../text.js'

export const edits = defineCommand<readonly (Edit | ManifestEdit)[]>({
  name: 'edits',
  group: 'Changing',
  summary: 'lists what was changed in a guest or a stored snapshot',
  usage: ['edits'],
  options: guestOption,
  help: `Oldest first, with the old and the new value. Changes made before a snapshot are listed in the guests recovered from it, too.`,
  async run(session, input) {
    const subject = subjectOf(session, input)
    if (subject.kind === 'guest') return subject.guest.edits()
    return (await session.shell.store.get(subject.name)).manifest.edits
  },
  render(list, page) {
    if (list.length === 0) return page.theme.quiet('No edits.')
    return page.table(
      [
        { head: 'PLACE', shrinks: true },
        { head: 'TYPE' },
        { head: 'OLD', shrinks: true },
        { head: 'NEW', shrinks: true },
        { head: 'FRAME', align: 'right' },
        { head: 'FUNCTION', align: 'right' },
      ],
      list.map((edit) => [
        printable(edit.target),
        page.theme.type(edit.type),
        page.theme.number(printable(edit.old)),
        page.theme.number(printable(edit.new)),
        edit.frame === undefined ? '' : String(edit.frame),
        edit.function === undefined ? '' : String(edit.function),
      ]),
    )
  },
})
