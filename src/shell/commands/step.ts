import { defineCommand } from '../command.js'
import { instructionAt, renderInstruction } from '../listing.js'
import { parseNumber } from '../numbers.js'
import { type GuestReport, renderReport, reportOf, statusOfReport } from '../outcome.js'

interface Stepped extends GuestReport {
  /** The next instruction, as text. */
  readonly next: string | null
}

export const step = defineCommand<Stepped>({
  name: 'step',
  group: 'Running programs',
  summary: 'executes one instruction, or N of them',
  usage: ['step [N] [--guest GUEST]'],
  arity: [0, 1],
  complete: ['none'],
  options: {
    guest: { type: 'string', short: 'g', value: 'GUEST', summary: 'the guest', complete: 'guest' },
  },
  help: `Instructions are those of the original module. Shows where the guest stands then and the instruction that comes next. A host call counts as part of the instruction that calls it: if it waits, so does "step".`,
  examples: ['step', 'step 1000'],
  async run(session, input) {
    const guest = session.findGuest(input.option('guest'))
    const text = input.argument(0)
    await guest.step(text === undefined ? 1n : parseNumber(text, 'a number of steps'))
    const report = reportOf(guest)
    return { ...report, next: instructionAt(guest.module, report.place) }
  },
  render: (stepped, page) => {
    const line = renderReport(stepped, page.theme)
    return stepped.next === null ? line : `${line}\n${renderInstruction(stepped.next, page.theme)}`
  },
  status: statusOfReport,
})
