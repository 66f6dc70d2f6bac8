import type { Column } from './table.js'
import { formatTable } from './table.js'
import { plainTheme, type Theme } from './theme.js'

/** What results are rendered for: a width, colours, tables. Rendering has no other effect. */
export interface Page {
  readonly columns: number
  readonly theme: Theme
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): Promise<string>
}

export function createPage(columns: number, theme: Theme): Page {
  return {
    columns,
    theme,
    table: (heads, rows) => formatTable(heads, rows, columns, theme.heading),
  }
}

/** 80 columns without colours. */
export const plainPage: Page = createPage(80, plainTheme)
