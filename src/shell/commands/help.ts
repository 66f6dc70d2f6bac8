import { WasmshError } from '../../core/errors.js'
import { didYouMean } from '../../core/near.js'
import { type CommandInfo, defineCommand } from '../command.js'
import { renderHelp, renderOverview } from '../help.js'
import { wrap } from '../text.js'
import type { Topic } from '../topics.js'

type Result =
  | {
      readonly kind: 'overview'
      readonly commands: readonly CommandInfo[]
      readonly topics: readonly Topic[]
    }
  | { readonly kind: 'command'; readonly command: CommandInfo }
  | { readonly kind: 'topic'; readonly topic: Topic }

export const help = defineCommand<Result>({
  name: 'help',
  group: 'The shell',
  summary: 'lists the commands, or shows the page of one',
  usage: ['help [COMMAND or TOPIC]'],
  arity: [0, 1],
  complete: ['topic'],
  help: `Without an argument, lists all commands by what they are for, and the topics that have a page of their own.`,
  run(session, input) {
    const name = input.argument(0)
    const { topics } = session
    if (name === undefined) {
      return { kind: 'overview', commands: [...session.commands.values()], topics }
    }
    const command = session.commands.get(name)
    if (command !== undefined) return { kind: 'command', command }
    const topic = topics.find((one) => one.name === name)
    if (topic !== undefined) return { kind: 'topic', topic }
    const known = [...session.commands.keys(), ...topics.map((one) => one.name)]
    throw new WasmshError('ERR_WASMSH_COMMAND_UNKNOWN', `There is no command or topic "${name}"`, {
      hint: didYouMean(name, known, 'List both with "help".'),
    })
  },
  render(result, page) {
    if (result.kind === 'command') return renderHelp(result.command, page)
    if (result.kind === 'overview') return renderOverview(result.commands, result.topics, page)
    const { topic } = result
    const head = `${page.theme.command(topic.name)} ${page.theme.quiet('-')} ${topic.summary}`
    return `${head}\n\n${wrap(topic.text, Math.min(page.columns, 100))}`
  },
})
