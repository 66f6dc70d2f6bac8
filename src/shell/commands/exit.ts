import { defineCommand } from '../command.js'
import type { ExitStatus } from '../exit-codes.js'
import { parseCount } from '../numbers.js'

export const exit = defineCommand<ExitStatus>({
  name: 'exit',
  group: 'The shell',
  summary: 'leaves wasmsh',
  usage: ['exit [CODE]'],
  arity: [0, 1],
  complete: ['none'],
  options: {
    force: { type: 'boolean', short: 'f', summary: 'do not ask about guests that run' },
  },
  help: `CODE is the exit code; without it, that of the last command. At a terminal wasmsh asks first when guests have not ended, since they end with it; "snapshot" keeps them.`,
  run(session, input) {
    const text = input.argument(0)
    const status: ExitStatus =
      text === undefined
        ? session.status
        : { code: parseCount(text, 'an exit code', 0, 255), by: 'wasmsh' }
    session.exit = { ...status, isForced: input.flag('force') }
    return status
  },
  keepsStatus: true,
  render: () => '',
})
