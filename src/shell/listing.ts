import type { Instruction, Module } from '../core/module.js'
import type { CallPlace } from './outcome.js'
import { hex, printable } from './text.js'
import type { Theme } from './theme.js'

/** The instruction at a place, as text; null where there is none. */
export function instructionAt(module: Module, place: CallPlace | null): string | null {
  if (place === null || place.pc === null) return null
  const [instruction] = module.disassemble(place.function, place.pc, 1)
  return instruction?.text ?? null
}

/** "  next: i32.add". */
export function renderInstruction(text: string, theme: Theme): string {
  return `  ${theme.quiet('next:')} ${printable(text)}`
}

/** Lines of a listing; the instruction at `pc` is marked. */
export function renderListing(
  instructions: readonly Instruction[],
  pc: number | null,
  theme: Theme,
): string {
  const digits = Math.max(4, (instructions.at(-1)?.pc ?? 0).toString(16).length)
  return instructions
    .map((instruction) => {
      const mark = instruction.pc === pc ? '=>' : '  '
      const text = printable(instruction.text)
      const line = `${mark} ${theme.address(hex(instruction.pc, digits))}  ${text}`
      return instruction.pc === pc ? theme.heading(line) : line
    })
    .join('\n')
}
