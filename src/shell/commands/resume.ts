import { defineCommand } from '../command.js'
import { follow } from '../foreground.js'
import { type GuestReport, renderReport, reportOf, statusOfReport } from '../outcome.js'

export const resume = defineCommand<GuestReport>({
  name: 'resume',
  group: 'Running programs',
  summary: 'lets a paused guest go on, and waits until it ends, pauses or traps',
  usage: ['resume [GUEST] [--pause-at N] [--detach]'],
  arity: [0, 1],
  complete: ['guest'],
  options: {
    detach: { type: 'boolean', short: 'd', summary: 'come back at once' },
    'pause-at': {
      type: 'string',
      value: 'N',
      summary: 'pause again before the N-th instruction since the start of the program',
    },
  },
  help: `The guest goes on in the foreground, as with "run". A trapped guest tries the instruction that trapped again: that helps after the cause was edited away.

--pause-at needs a guest whose instructions are counted: one that was started with --pause-at.`,
  examples: ['resume', 'resume calc --detach'],
  async run(session, input) {
    const guest = session.findGuest(input.argument(0))
    const pauseAt = input.bigint('pause-at')
    const go = () => guest.resume(pauseAt === undefined ? {} : { pauseAt })
    if (input.flag('detach')) go()
    else await follow(session, guest, { go })
    return reportOf(guest)
  },
  render: (report, page) => renderReport(report, page.theme),
  status: statusOfReport,
})
