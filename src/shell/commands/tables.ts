import type { ElementInfo, TableInfo } from '../../core/guest/inspect.js'
import { defineCommand, guestOption } from '../command.js'
import { inspect } from '../inspection.js'
import type { Page } from '../page.js'
import { count, printable } from '../text.js'

type Result =
  | { readonly kind: 'tables'; readonly tables: readonly TableInfo[] }
  | {
      readonly kind: 'elements'
      readonly table: number
      readonly size: number
      readonly elements: readonly ElementInfo[]
    }

const shownElements = 64

export const tables = defineCommand<Result>({
  name: 'tables',
  group: 'Looking',
  summary: 'lists the tables, or the elements of one',
  usage: ['tables', 'tables TABLE [FIRST [COUNT]]'],
  arity: [0, 3],
  complete: ['none'],
  options: guestOption,
  help: `Without an argument, lists the tables with their sizes. With the number of a table, shows its elements: the functions that indirect calls reach. "set table T[I] = FUNCTION" changes an element.`,
  examples: ['tables', 'tables 0', 'tables 0 100 20'],
  async run(session, input) {
    const inspection = await inspect(session, input)
    const list = inspection.tables()
    const table = input.count(0, 'a table')
    if (table === undefined) return { kind: 'tables', tables: list }
    const size = input.expect(list[table], `There is no table ${table}`).size
    const first = input.count(1, 'an element') ?? 0
    const amount = Math.min(input.count(2, 'a number of elements') ?? shownElements, size)
    const elements = first < size ? inspection.tableElements(table, first, amount) : []
    return { kind: 'elements', table, size, elements }
  },
  render: (result, page) =>
    result.kind === 'tables' ? renderTables(result.tables, page) : renderElements(result, page),
})

async function renderTables(list: readonly TableInfo[], page: Page): Promise<string> {
  if (list.length === 0) return page.theme.quiet('No tables.')
  return page.table(
    [
      { head: 'TABLE', align: 'right' },
      { head: 'TYPE' },
      { head: 'SIZE', align: 'right' },
      { head: 'MOST', align: 'right' },
    ],
    list.map((table) => [
      String(table.index),
      page.theme.type(table.type),
      String(table.size),
      table.max === null ? '-' : String(table.max),
    ]),
  )
}

async function renderElements(
  result: Extract<Result, { kind: 'elements' }>,
  page: Page,
): Promise<string> {
  const { elements, size, table } = result
  if (elements.length === 0) return page.theme.quiet('No elements there.')
  const text = await page.table(
    [
      { head: 'ELEMENT', align: 'right' },
      { head: 'INDEX', align: 'right' },
      { head: 'FUNCTION', shrinks: true },
    ],
    elements.map((one) => [
      String(one.index),
      one.function === null ? page.theme.quiet('null') : String(one.function),
      page.theme.functionName(printable(one.name)),
    ]),
  )
  const next = (elements.at(-1)?.index ?? 0) + 1
  if (next >= size) return text
  const more = `... and ${count(size - next, 'more element')}; "tables ${table} ${next}" goes on`
  return `${text}\n${page.theme.quiet(more)}`
}
