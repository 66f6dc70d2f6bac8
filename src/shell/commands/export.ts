import { defineCommand } from '../command.js'
import { withProgress } from '../progress.js'
import { formatBytes, printable } from '../text.js'

interface Result {
  readonly snapshot: string
  readonly file: string
  readonly bytes: number
}

export const exportCommand = defineCommand<Result>({
  name: 'export',
  functionName: 'exportSnapshot',
  group: 'Snapshots',
  summary: 'writes a snapshot to one file, for another machine',
  usage: ['export NAME FILE.wsnap'],
  arity: [2, 2],
  complete: ['snapshot', 'path'],
  options: {
    force: { type: 'boolean', short: 'f', summary: 'replace a file of that name' },
    'no-module': { type: 'boolean', summary: 'leave the program out' },
  },
  help: `The file is complete: the program and all of memory are in it, also what the snapshot shares with its parents. Paths of this machine are not. The snapshots of a group are exported one by one; "recover" finds the group again once all of them have been imported. It is a tar archive compressed with zstd: "tar --zstd -tf FILE.wsnap" lists it.

In JavaScript the function is called exportSnapshot, since "export" is a word of the language.`,
  examples: ['export before-the-edit before.wsnap'],
  async run(session, input) {
    const snapshot = input.required(0)
    const file = input.required(1)
    const bytes = await withProgress(session.output, `Exporting ${snapshot}`, (onProgress) =>
      session.shell.store.export(snapshot, file, {
        module: !input.flag('no-module'),
        force: input.flag('force'),
        onProgress,
      }),
    )
    return { snapshot, file, bytes }
  },
  render: ({ snapshot, file, bytes }, page) =>
    `Wrote ${page.theme.guest(printable(snapshot))} to ${printable(file)} (${formatBytes(bytes)})`,
})
