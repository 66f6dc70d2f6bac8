import { defineCommand } from '../command.js'
import { type GuestReport, renderReport, reportOf } from '../outcome.js'

export const pause = defineCommand<GuestReport>({
  name: 'pause',
  group: 'Running programs',
  summary: 'stops a guest before its next instruction',
  usage: ['pause [GUEST]'],
  arity: [0, 1],
  complete: ['guest'],
  help: `The guest stands still until "resume". A host call that waits (a read from a pipe, a sleep) is suspended with it and goes on later where it was: no time passes for the guest while it stands, so no time limit of its runs out meanwhile.

At the prompt, Ctrl-C does the same to the guest in the foreground.`,
  async run(session, input) {
    const guest = session.findGuest(input.argument(0))
    await guest.pause()
    session.consoleOf(guest).flush()
    return reportOf(guest)
  },
  render: (report, page) => renderReport(report, page.theme),
})
