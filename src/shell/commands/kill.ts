import { defineCommand } from '../command.js'
import { type GuestReport, renderReport, reportOf } from '../outcome.js'

export const kill = defineCommand<GuestReport>({
  name: 'kill',
  group: 'Running programs',
  summary: 'ends a guest, whatever it does',
  usage: ['kill [GUEST]'],
  arity: [0, 1],
  complete: ['guest'],
  help: `Nothing of the guest is left but its name and what it has written. Snapshots of it stay: "recover" brings it back.`,
  async run(session, input) {
    const guest = session.findGuest(input.argument(0))
    await guest.kill()
    session.consoleOf(guest).flush()
    return reportOf(guest)
  },
  render: (report, page) => renderReport(report, page.theme),
})
