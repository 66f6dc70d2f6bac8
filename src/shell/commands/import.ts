import type { SnapshotEntry } from '../../core/snapshot/snapshot-entry.js'
import { usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import { withProgress } from '../progress.js'
import { formatBytes, printable } from '../text.js'

export const importCommand = defineCommand<SnapshotEntry>({
  name: 'import',
  functionName: 'importSnapshot',
  group: 'Snapshots',
  summary: 'takes a snapshot from a file into the store',
  usage: ['import FILE.wsnap [--name NAME]'],
  arity: [1, 1],
  complete: ['path'],
  options: {
    name: { type: 'string', short: 'n', value: 'NAME', summary: 'name it that way here' },
  },
  help: `The file may come from anywhere: names, sizes and digests are checked, and nothing is kept of a file that fails a check. The state itself is checked against its program when it is recovered.

In JavaScript the function is called importSnapshot, since "import" is a word of the language; "await import('node:fs')" loads modules as ever.`,
  examples: ['import before.wsnap', 'import before.wsnap --name theirs'],
  async run(session, input) {
    const file = input.required(0)
    if (/^[{*]/.test(file)) {
      const hint = "Write const { name } = await import('module') instead."
      throw usageError(input.command, 'Import declarations have no place in a line', hint)
    }
    const name = input.option('name')
    return await withProgress(session.output, `Importing ${file}`, (onProgress) =>
      session.shell.store.import(file, { ...(name === undefined ? {} : { name }), onProgress }),
    )
  },
  render: (entry, page) =>
    `Took in ${page.theme.guest(printable(entry.name))} of ${printable(entry.guest.name)} (${formatBytes(entry.memoryBytes)} of memory)`,
})
