import { createInterface } from 'node:readline/promises'
import { TerminalOutput } from './direct-stream.js'

/** Asks at the terminal. Ctrl-C and Ctrl-D answer `otherwise`. */
export async function ask(question: string, otherwise: string): Promise<string> {
  const output = new TerminalOutput(process.stdout)
  const terminal = createInterface({ input: process.stdin, output })
  try {
    return await new Promise<string>((resolve) => {
      terminal.once('close', () => resolve(otherwise))
      terminal.once('SIGINT', () => resolve(otherwise))
      terminal.question(question).then(resolve, () => resolve(otherwise))
    })
  } finally {
    terminal.close()
    output.release()
  }
}
