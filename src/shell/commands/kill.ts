import { defineCommand } from '../command.js'
import { findGuests, groupOption, reportGroup } from '../group-option.js'
import { type GroupReport, renderGroup } from '../outcome.js'

export const kill = defineCommand<GroupReport>({
  name: 'kill',
  group: 'Running programs',
  summary: 'ends a guest, whatever it does',
  usage: ['kill [GUEST] [--group]'],
  arity: [0, 1],
  complete: ['guest'],
  options: groupOption,
  help: `Nothing of the guest is left but its name and what it has written. Snapshots of it stay: "recover" brings it back.`,
  async run(session, input) {
    const guests = findGuests(session, input, input.argument(0))
    await Promise.all(guests.map((guest) => guest.kill()))
    for (const guest of guests) session.consoleOf(guest).flush()
    return reportGroup(input, guests)
  },
  render: (report, page) => renderGroup(report, page.theme),
})
