import { defineCommand } from '../command.js'
import { describePlugin, type PluginDescription, whereFrom } from '../plugin-description.js'
import { printable } from '../text.js'

export const plugins = defineCommand<readonly PluginDescription[]>({
  name: 'plugins',
  group: 'The shell',
  summary: 'lists the plugins that are loaded',
  usage: ['plugins'],
  help: `A plugin takes care of one class of what guests hold outside of themselves: files, say. GUESTS is how many guests of this wasmsh it tracks: those that were started or recovered since it was loaded, and have not ended.

"plugin info CLASS" says all of one. "plugin --help" has the rest.`,
  run: ({ shell }) => shell.plugins.all().map((one) => describePlugin(shell, one)),
  render: (list, page) => {
    if (list.length === 0) return page.theme.quiet('No plugins.')
    return page.table(
      [
        { head: 'NAME', shrinks: true },
        { head: 'VERSION' },
        { head: 'CLASS' },
        { head: 'STATE', align: 'right' },
        { head: 'GUESTS', align: 'right' },
        { head: 'FROM', shrinks: true },
      ],
      list.map((one) => [
        printable(one.package ?? one.class),
        printable(one.version ?? ''),
        page.theme.command(one.class),
        String(one.stateVersion),
        String(one.guests.length),
        printable(whereFrom(one)),
      ]),
    )
  },
})
