import type { Instruction } from '../../core/module.js'
import { defineCommand, guestOption } from '../command.js'
import { type Inspection, inspect } from '../inspection.js'
import { renderListing } from '../listing.js'
import { printable } from '../text.js'

interface Result {
  readonly function: number
  readonly name: string
  /** Next instruction of the frame looked at, when it is in this function. */
  readonly pc: number | null
  readonly instructions: readonly Instruction[]
}

/** Instructions around the pc that are shown without being asked for more. */
const before = 8
const shown = 20

export const disassemble = defineCommand<Result>({
  name: 'disassemble',
  group: 'Looking',
  summary: 'shows the instructions of a function',
  usage: ['disassemble [FUNCTION]'],
  arity: [0, 1],
  complete: ['function'],
  options: {
    frame: { type: 'string', short: 'f', value: 'N', summary: 'the frame (0, the innermost)' },
    all: { type: 'boolean', short: 'a', summary: 'the whole function' },
    ...guestOption,
  },
  help: `FUNCTION is a name or an index ("#12"). Without it: the instructions around the place where the frame stands, the next one marked with "=>". Offsets are those that "frames" shows.`,
  examples: ['disassemble', 'disassemble main', "disassemble '#12' --all"],
  async run(session, input) {
    const inspection = await inspect(session, input)
    const { module } = inspection
    const named = input.argument(0)
    const frame = named === undefined ? (input.integer('frame') ?? 0) : null
    const place = frame === null ? undefined : placeOf(inspection, frame)
    const index =
      named === undefined
        ? input.expect(place, 'There is no such frame').function
        : module.findFunction(named)
    const all = module.disassemble(index)
    const pc = place?.pc ?? null
    const at = pc === null ? 0 : all.findIndex((one) => one.pc >= pc)
    const isWhole = input.flag('all') || pc === null
    const from = isWhole ? 0 : Math.max(0, at - before)
    const instructions = isWhole ? all : all.slice(from, from + shown)
    return { function: index, name: module.functionName(index), pc, instructions }
  },
  render: (result, page) => {
    const name = page.theme.functionName(printable(result.name))
    return `${name} (function ${result.function}):\n${renderListing(result.instructions, result.pc, page.theme)}`
  },
})

/** Where a frame stands; without frames, where the guest trapped. */
function placeOf(
  inspection: Inspection,
  frame: number,
): { readonly function: number; readonly pc: number | null } | undefined {
  if (inspection.frameCount > 0 || frame > 0) return inspection.frames(frame, 1)[0]
  return inspection.trapPlace ?? undefined
}
