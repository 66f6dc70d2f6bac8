import type { GuestInfo } from '../../core/guest/inspect.js'
import { defineCommand } from '../command.js'
import { formatBytes, formatTime, printable } from '../text.js'
import type { Theme } from '../theme.js'

interface ListedGuest extends GuestInfo {
  readonly isChosen: boolean
}

export const guests = defineCommand<readonly ListedGuest[]>({
  name: 'guests',
  group: 'Running programs',
  summary: 'lists the guests of this wasmsh',
  usage: ['guests'],
  help: `Lists every guest with its state, linear memory and CPU time. The one that commands mean when they name none is marked with ">". Guests that have ended stay listed for a while, so that their exit code can be read.`,
  run: (session) =>
    session.shell.guests().map((guest) => ({ ...guest.info(), isChosen: guest === session.guest })),
  render: (list, page) => {
    if (list.length === 0) return page.theme.quiet('No guests.')
    return page.table(
      [
        { head: '' },
        { head: 'GUEST', shrinks: true },
        { head: 'STATE' },
        { head: 'MEMORY', align: 'right' },
        { head: 'CPU', align: 'right' },
        { head: 'FILE', shrinks: true },
      ],
      list.map((guest) => [
        guest.isChosen ? '>' : '',
        page.theme.guest(printable(guest.name)),
        formatState(guest, page.theme),
        formatBytes(guest.memoryBytes),
        formatTime(guest.cpuNs),
        printable(guest.file),
      ]),
    )
  },
})

function formatState(guest: GuestInfo, theme: Theme): string {
  if (guest.state === 'trapped') return theme.error('trapped')
  if (guest.state === 'ended') return `ended (${guest.exitCode})`
  return guest.state === 'running' && guest.inCompiled ? 'running (aot)' : guest.state
}
