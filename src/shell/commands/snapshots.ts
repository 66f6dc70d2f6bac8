import type { SnapshotSummary } from '../../core/snapshot/snapshot-entry.js'
import { defineCommand } from '../command.js'
import { formatBytes, printable } from '../text.js'

export const snapshots = defineCommand<readonly SnapshotSummary[]>({
  name: 'snapshots',
  group: 'Snapshots',
  summary: 'lists the snapshots of the store, oldest first',
  usage: ['snapshots'],
  help: `STORED is what the snapshot takes on the disk; pages that it shares with its parent are not counted. "info snapshot:NAME" shows one in full.`,
  run: (session) => session.shell.store.list(),
  render(list, page) {
    if (list.length === 0) return page.theme.quiet('No snapshots.')
    const names = new Map(list.map(({ id, name }) => [id, name]))
    return page.table(
      [
        { head: 'SNAPSHOT', shrinks: true },
        { head: 'GUEST', shrinks: true },
        { head: 'TAKEN' },
        { head: 'MEMORY', align: 'right' },
        { head: 'STORED', align: 'right' },
        { head: 'PARENT', shrinks: true },
      ],
      list.map((one) => [
        page.theme.guest(printable(one.name)),
        printable(one.guest.name),
        one.created.replace('T', ' ').slice(0, 19),
        formatBytes(one.memoryBytes),
        formatBytes(one.bytes),
        one.parent === null ? '' : printable(names.get(one.parent) ?? one.parent.slice(0, 8)),
      ]),
    )
  },
})
