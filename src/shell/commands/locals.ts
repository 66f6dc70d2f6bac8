import type { FrameInfo, LocalInfo } from '../../core/guest/inspect.js'
import { defineCommand, guestOption } from '../command.js'
import { inspect } from '../inspection.js'
import { formatPlace } from '../outcome.js'
import { printable } from '../text.js'

interface Result {
  readonly frame: FrameInfo | null
  readonly locals: readonly LocalInfo[]
}

export const locals = defineCommand<Result>({
  name: 'locals',
  group: 'Looking',
  summary: 'shows the locals of a frame, parameters first',
  usage: ['locals [FRAME]'],
  arity: [0, 1],
  complete: ['none'],
  options: {
    frame: { type: 'string', short: 'f', value: 'N', summary: 'the frame (0, the innermost)' },
    ...guestOption,
  },
  help: `Values print so that they parse back without loss: integers as signed decimals, floats as the shortest decimal or with their NaN payload ("nan:0x400000"), vectors as hex, references as a function index or "null".`,
  examples: ['locals', 'locals 3'],
  async run(session, input) {
    const inspection = await inspect(session, input)
    const frame = input.count(0, 'a frame') ?? input.integer('frame') ?? 0
    const list = inspection.locals(frame)
    return { frame: inspection.frames(frame, 1)[0] ?? null, locals: list }
  },
  async render({ frame, locals: list }, page) {
    const { theme } = page
    const head = frame === null ? '' : `frame ${frame.frame}: ${formatPlace(frame, theme)}\n`
    if (list.length === 0) return `${head}${theme.quiet('No locals.')}`
    const table = await page.table(
      [
        { head: 'LOCAL', align: 'right' },
        { head: 'NAME', shrinks: true },
        { head: 'TYPE' },
        { head: 'VALUE', shrinks: true },
        { head: '' },
      ],
      list.map((local) => [
        String(local.index),
        printable(local.name),
        theme.type(local.type),
        local.isAvailable ? theme.number(local.text) : theme.quiet('unavailable'),
        local.isParameter ? theme.quiet('parameter') : '',
      ]),
    )
    return head + table
  },
})
