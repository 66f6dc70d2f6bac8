import { defineCommand } from '../command.js'
import { findGuests, groupOption, reportGroup } from '../group-option.js'
import { type GroupReport, renderGroup } from '../outcome.js'

export const pause = defineCommand<GroupReport>({
  name: 'pause',
  group: 'Running programs',
  summary: 'stops a guest before its next instruction',
  usage: ['pause [GUEST] [--group]'],
  arity: [0, 1],
  complete: ['guest'],
  options: groupOption,
  help: `The guest stands still until "resume". A host call that waits (a read from a pipe, a sleep) is suspended with it and goes on later where it was: no time passes for the guest while it stands, so no time limit of its runs out meanwhile.

At the prompt, Ctrl-C does the same to the guest in the foreground, or to all guests of a pipeline.`,
  async run(session, input) {
    const guests = findGuests(session, input, input.argument(0))
    if (guests.length === 1) await guests[0].pause()
    else await session.shell.pause(guests, { skipEnded: true })
    for (const guest of guests) session.consoleOf(guest).flush()
    return reportGroup(input, guests)
  },
  render: (report, page) => renderGroup(report, page.theme),
})
