import type { GlobalInfo } from '../../core/guest/inspect.js'
import { defineCommand, guestOption } from '../command.js'
import { inspect } from '../inspection.js'
import { printable } from '../text.js'

export const globals = defineCommand<readonly GlobalInfo[]>({
  name: 'globals',
  group: 'Looking',
  summary: 'shows the globals of the module',
  usage: ['globals'],
  options: guestOption,
  help: `Imported globals come first, as in the module. "set global N = VALUE" changes a mutable one; a name works where the module has names.`,
  run: async (session, input) => (await inspect(session, input)).globals(),
  render(list, page) {
    const { theme } = page
    if (list.length === 0) return theme.quiet('No globals.')
    return page.table(
      [
        { head: 'GLOBAL', align: 'right' },
        { head: 'NAME', shrinks: true },
        { head: 'TYPE' },
        { head: 'VALUE', shrinks: true },
        { head: '' },
      ],
      list.map((global) => [
        String(global.index),
        printable(global.name),
        theme.type(global.type),
        theme.number(global.text),
        global.isMutable ? '' : theme.quiet('constant'),
      ]),
    )
  },
})
