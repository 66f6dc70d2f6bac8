import { ask } from './ask.js'
import { TerminalOutput } from './direct-stream.js'
import { Prompt } from './prompt.js'
import type { Session } from './session.js'
import { describeGuests, livingGuests } from './stop-guests.js'

/** Runs the prompt until the user leaves for good: with guests left, they are asked first. */
export async function interact(session: Session): Promise<void> {
  session.hasPrompt = true
  for (;;) {
    await new Prompt(session, process.stdin, new TerminalOutput(process.stdout)).run()
    if (session.exit?.isForced === true) return
    const guests = livingGuests(session)
    if (guests.length === 0) break
    // Ctrl-D and Ctrl-C mean yes to leaving: they were meant to.
    const question = `${describeGuests(guests)} will end with wasmsh. Leave? [y/N] `
    const answer = await ask(question, 'yes')
    if (/^y(es)?$/i.test(answer.trim())) break
    session.exit = null
  }
  // Leaving by Ctrl-D is no failure, whatever the last line was.
  session.exit ??= { code: 0, by: 'wasmsh', isForced: false }
}
