import type { Page } from '../core/plugin-shell.js'
import { formatTable } from './table.js'
import { plainTheme, type Theme } from './theme.js'

export type { Page } from '../core/plugin-shell.js'

export function createPage(columns: number, theme: Theme): Page {
  return {
    columns,
    theme,
    table: (heads, rows) => formatTable(heads, rows, columns, theme.heading),
  }
}

/** 80 columns without colours. */
export const plainPage: Page = createPage(80, plainTheme)
