import type { FrameInfo, OperandInfo } from '../../core/guest/inspect.js'
import { defineCommand, guestOption } from '../command.js'
import { inspect } from '../inspection.js'
import { formatPlace } from '../outcome.js'

interface Result {
  readonly frame: FrameInfo | null
  readonly operands: readonly OperandInfo[]
}

export const stack = defineCommand<Result>({
  name: 'stack',
  group: 'Looking',
  summary: 'shows the operands of a frame, the top first',
  usage: ['stack [FRAME]'],
  arity: [0, 1],
  complete: ['none'],
  options: {
    frame: { type: 'string', short: 'f', value: 'N', summary: 'the frame (0, the innermost)' },
    ...guestOption,
  },
  help: `Operands are numbered from the bottom of the frame, so that a number keeps its meaning while more are pushed: "set stack 0 = 1" changes the bottom one. An outer frame holds its operands without the arguments and results of the call in progress.`,
  async run(session, input) {
    const inspection = await inspect(session, input)
    const frame = input.count(0, 'a frame') ?? input.integer('frame') ?? 0
    const operands = inspection.operands(frame)
    return { frame: inspection.frames(frame, 1)[0] ?? null, operands }
  },
  async render({ frame, operands }, page) {
    const { theme } = page
    const head = frame === null ? '' : `frame ${frame.frame}: ${formatPlace(frame, theme)}\n`
    if (operands.length === 0) return `${head}${theme.quiet('No operands.')}`
    const table = await page.table(
      [{ head: 'STACK', align: 'right' }, { head: 'TYPE' }, { head: 'VALUE', shrinks: true }],
      [...operands]
        .reverse()
        .map((one) => [String(one.index), theme.type(one.type), theme.number(one.text)]),
    )
    return head + table
  },
})
