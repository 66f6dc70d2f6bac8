import type { FrameInfo } from '../../core/guest/inspect.js'
import { defineCommand, guestOption } from '../command.js'
import { inspect } from '../inspection.js'
import { count, hex, printable } from '../text.js'

interface Result {
  readonly guest: string
  readonly total: number
  readonly frames: readonly FrameInfo[]
}

/** Frames that are shown without being asked for more. */
const shownFrames = 50

export const frames = defineCommand<Result>({
  name: 'frames',
  group: 'Looking',
  summary: 'shows the call frames, the innermost first',
  usage: ['frames [--count N] [--first N] [--all]'],
  options: {
    count: { type: 'string', short: 'c', value: 'N', summary: `show N frames (${shownFrames})` },
    first: { type: 'string', value: 'N', summary: 'begin with frame N (0, the innermost)' },
    all: { type: 'boolean', short: 'a', summary: 'show every frame, however many' },
    ...guestOption,
  },
  help: `PC is the offset in bytes of the instruction that comes next in that frame, counted from the first instruction of the function in the original module. Names come from the module's name section or its exports; a function without one is shown by its index, "#12".`,
  examples: ['frames', 'frames --first 50 --count 20', 'frames --guest snapshot:before'],
  async run(session, input) {
    const inspection = await inspect(session, input)
    const first = input.integer('first') ?? 0
    const wanted = input.integer('count', 1) ?? shownFrames
    const amount = input.flag('all') ? Number.MAX_SAFE_INTEGER : wanted
    const total = inspection.frameCount
    const list = inspection.frames(first, Math.min(amount, Math.max(0, total - first)))
    return { guest: inspection.label, total, frames: list }
  },
  async render({ frames: list, total }, page) {
    // A guest that stands still has frames, unless it trapped where none are left.
    if (total === 0) {
      const text = 'No frames: a trap in compiled code leaves none.'
      return page.theme.quiet(text)
    }
    const table = await page.table(
      [
        { head: 'FRAME', align: 'right' },
        { head: 'FUNCTION', shrinks: true },
        { head: 'INDEX', align: 'right' },
        { head: 'PC', align: 'right' },
        { head: 'LOCALS', align: 'right' },
        { head: 'OPERANDS', align: 'right' },
      ],
      list.map((frame) => [
        String(frame.frame),
        page.theme.functionName(printable(frame.name)),
        String(frame.function),
        page.theme.address(hex(frame.pc)),
        String(frame.localCount),
        String(frame.operandCount),
      ]),
    )
    const shown = (list[0]?.frame ?? 0) + list.length
    if (shown >= total) return table
    const more = `... and ${count(total - shown, 'more frame')}; --all shows every frame`
    return `${table}\n${page.theme.quiet(more)}`
  },
})
