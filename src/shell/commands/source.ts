import { defineCommand } from '../command.js'
import { runScriptFile } from '../script.js'

interface Result {
  readonly file: string
  readonly lines: number
}

export const source = defineCommand<Result>({
  name: 'source',
  group: 'Proving and scripting',
  summary: 'runs the lines of a script here',
  usage: ['source FILE.wsh [--keep-going] [ARGUMENTS...]'],
  arity: [1, Number.MAX_SAFE_INTEGER],
  complete: ['path', 'none'],
  options: {
    'keep-going': { type: 'boolean', short: 'k', summary: 'go on after errors' },
  },
  help: `The lines share guests and variables with this session. The script stops at its first error, which names file and line. "help scripts" tells what a script may hold.`,
  async run(session, input) {
    const file = input.required(0)
    const lines = await runScriptFile(session, file, {
      args: [...input.positionals.slice(1), ...input.rest],
      keepGoing: input.flag('keep-going'),
    })
    return { file, lines }
  },
  keepsStatus: true,
  render: () => '',
})
