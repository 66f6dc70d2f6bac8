import { widthOf } from './text.js'

export interface Column {
  readonly head: string
  /** Left by default. */
  readonly align?: 'left' | 'right'
  /** Gives way when the table is too wide: its cells end in an ellipsis. */
  readonly shrinks?: boolean
}

const gap = 2

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
    Math.max(widthOf(column.head), ...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  const widths = fitWidths(
    natural,
    columns.map((column) => column.shrinks === true),
    total,
  )
  const empty = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '' }
  const more = { 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '' }
  const rest = { mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' }
  const table = new Table({
    chars: { ...empty, ...more, ...rest },
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    colWidths: widths.map((width) => width + gap),
    colAligns: columns.map((column) => column.align ?? 'left'),
    head: columns.map((column) => heading(column.head)),
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
