import { isParked } from '../../core/guest/guest-state.js'
import { usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import { follow, followAll } from '../foreground.js'
import { findGuests, groupOption, reportGroup } from '../group-option.js'
import { type GroupReport, renderGroup, statusOfGroup } from '../outcome.js'

export const resume = defineCommand<GroupReport>({
  name: 'resume',
  group: 'Running programs',
  summary: 'lets a paused guest go on, and waits until it ends, pauses or traps',
  usage: ['resume [GUEST] [--pause-at N] [--detach] [--group]'],
  arity: [0, 1],
  complete: ['guest'],
  options: {
    ...groupOption,
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
    const guests = findGuests(session, input, input.argument(0))
    const pauseAt = input.bigint('pause-at')
    if (input.flag('group') && pauseAt !== undefined) {
      throw usageError(input.command, '--group and --pause-at exclude each other')
    }
    const waiting = input.flag('group') ? guests.filter(({ state }) => isParked(state)) : guests
    const go = () => {
      for (const guest of waiting) guest.resume(pauseAt === undefined ? {} : { pauseAt })
    }
    if (input.flag('detach')) go()
    else if (input.flag('group')) await followAll(session, guests, { go })
    else await follow(session, guests[0], { go })
    return reportGroup(input, guests)
  },
  render: (report, page) => renderGroup(report, page.theme),
  status: statusOfGroup,
})
