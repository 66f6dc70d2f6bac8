import { defineCommand } from '../command.js'
import { follow } from '../foreground.js'
import { parseSeconds } from '../numbers.js'
import { type GuestReport, renderReport, reportOf, statusOfReport } from '../outcome.js'

export const wait = defineCommand<GuestReport>({
  name: 'wait',
  group: 'Running programs',
  summary: 'waits until a guest ends, pauses or traps',
  usage: ['wait [GUEST] [--timeout S]'],
  arity: [0, 1],
  complete: ['guest'],
  options: {
    timeout: { type: 'string', short: 't', value: 'S', summary: 'give up after that many seconds' },
  },
  help: `Answers at once when the guest stands still or has ended. All output that the guest has written by then is out before the answer. Ctrl-C gives up waiting and leaves the guest as it is.

With --timeout it is an error if the guest still runs by then: a script stops there.`,
  examples: ['wait', 'wait server --timeout 10'],
  async run(session, input) {
    const guest = session.findGuest(input.argument(0))
    const timeout = input.option('timeout')
    const limit = timeout === undefined ? {} : { timeoutMs: parseSeconds(timeout, 'a time') }
    await follow(session, guest, { ...limit, isForeground: false })
    return reportOf(guest)
  },
  render: (report, page) => renderReport(report, page.theme),
  status: statusOfReport,
})
