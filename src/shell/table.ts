import type { Column } from '../core/plugin-shell.js'
import { widthOf } from './text.js'

export type { Column } from '../core/plugin-shell.js'

const gap = 2

/** Rows that are laid out together. */
const rowsAtOnce = 100

/** Widths that fit: columns that may shrink give way, the widest first, down to eight. */
export function fitWidths(
  natural: readonly number[],
  shrinks: readonly boolean[],
  total: number,
): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width + gap, -gap) - total
  while (excess > 0) {
    let widest = -1
    for (const [index, width] of widths.entries()) {
      if (shrinks[index] === true && width > 8 && width > (widths[widest] ?? 0)) widest = index
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}

/**
 * Formats rows under headings, without rules, fitted to a width.
 *
 * @param heading marks up the headings
 */
export async function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  total: number,
  heading: (text: string) => string,
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const natural = columns.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[index] ?? '')), widthOf(column.head)),
  )
  const widths = fitWidths(
    natural,
    columns.map((column) => column.shrinks === true),
    total,
  )
  const empty = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '' }
  const more = { 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '' }
  const rest = { mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' }
  const settings = {
    chars: { ...empty, ...more, ...rest },
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    colWidths: widths.map((width) => width + gap),
    colAligns: columns.map((column) => column.align ?? 'left'),
  }
  const all = [columns.map((column) => heading(column.head)), ...rows]
  const lines: string[] = []
  // The package's time grows with the square of the rows: a long table is put together from parts.
  for (let from = 0; from < all.length; from += rowsAtOnce) {
    const table = new Table(settings)
    for (const row of all.slice(from, from + rowsAtOnce)) table.push([...row])
    for (const line of table.toString().split('\n')) lines.push(line.trimEnd())
  }
  return lines.join('\n')
}
