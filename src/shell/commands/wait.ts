import { defineCommand } from '../command.js'
import { follow, followAll } from '../foreground.js'
import { findGuests, groupOption, reportGroup } from '../group-option.js'
import { parseSeconds } from '../numbers.js'
import { type GroupReport, renderGroup, statusOfGroup } from '../outcome.js'

export const wait = defineCommand<GroupReport>({
  name: 'wait',
  group: 'Running programs',
  summary: 'waits until a guest ends, pauses or traps',
  usage: ['wait [GUEST] [--timeout S] [--group]'],
  arity: [0, 1],
  complete: ['guest'],
  options: {
    ...groupOption,
    timeout: { type: 'string', short: 't', value: 'S', summary: 'give up after that many seconds' },
  },
  help: `With --group, waits until all of the group have ended, or one of them pauses or traps: the others are paused then, too.

Answers at once when the guest stands still or has ended. All output that the guest has written by then is out before the answer. Ctrl-C gives up waiting and leaves the guest as it is.

With --timeout it is an error if the guest still runs by then: a script stops there.`,
  examples: ['wait', 'wait server --timeout 10'],
  async run(session, input) {
    const guests = findGuests(session, input, input.argument(0))
    const timeout = input.option('timeout')
    const limit = timeout === undefined ? {} : { timeoutMs: parseSeconds(timeout, 'a time') }
    if (!input.flag('group')) await follow(session, guests[0], { ...limit, isForeground: false })
    else await followAll(session, guests, { ...limit, isForeground: false })
    return reportGroup(input, guests)
  },
  render: (report, page) => renderGroup(report, page.theme),
  status: statusOfGroup,
})
