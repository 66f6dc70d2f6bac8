import { defineCommand } from '../command.js'

interface Result {
  readonly text: string
}

export const echo = defineCommand<Result>({
  name: 'echo',
  group: 'Proving and scripting',
  summary: 'prints its arguments',
  usage: ['echo [TEXT...]'],
  arity: [0, Number.MAX_SAFE_INTEGER],
  complete: ['none'],
  help: `Separated by single blanks. Values are inserted by $NAME and \${EXPRESSION}.`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the language of wasmsh
  examples: ['echo "${guest.name} is ${guest.state}"'],
  run: (_, input) => ({ text: input.positionals.join(' ') }),
  render: ({ text }) => (text === '' ? '\n' : text),
})
