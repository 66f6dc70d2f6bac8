import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { REPLEval, REPLServer, ReplOptions } from 'node:repl'
import type { Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import type { Guest } from '../core/guest/guest.js'
import { isFinal } from '../core/guest/guest-state.js'
import { completeLine } from './completion.js'
import { IncompleteCode } from './evaluator.js'
import { executeLine } from './execute.js'
import { statusOfError } from './exit-codes.js'
import { historySize, openHistory } from './history.js'
import { InputGate } from './input-gate.js'
import { renderReport, reportOf } from './outcome.js'
import type { VisiblePrompt } from './output.js'
import { presentError, presentOutcome, reportError } from './present.js'
import type { Session } from './session.js'
import { printable } from './text.js'

type Recoverable = new (error: SyntaxError) => SyntaxError

/** The text in front of a line: the chosen guest and its state. */
export function promptText(session: Session): string {
  const { theme } = session.output
  const { guest, selection } = session
  if (selection.kind === 'snapshot') {
    return `wasmsh ${theme.guest(`snapshot:${printable(selection.name)}`)}> `
  }
  if (guest === null) return 'wasmsh> '
  return `wasmsh ${theme.guest(printable(guest.name))} ${theme.quiet(guest.state)}> `
}

/** Reads lines at a terminal and runs them, until the user leaves. */
export class Prompt {
  readonly #gate: InputGate
  readonly #output: Writable
  #server: REPLServer | null = null

  constructor(
    readonly session: Session,
    terminal: ReadStream,
    output: Writable,
  ) {
    this.#output = output
    this.#gate = new InputGate(terminal, () => session.interrupts.fire())
    this.#gate.hold()
  }

  /** Resolves when the user has typed Ctrl-D on an empty line or `exit`. */
  async run(): Promise<void> {
    const repl = await import('node:repl')
    const { session } = this
    session.input.setOwner(this.#gate)
    const onState = (guest: Guest) => this.#tell(guest)
    const options = {
      input: this.#gate,
      output: this.#output,
      terminal: true,
      prompt: promptText(session),
      historySize,
      ignoreUndefined: true,
      preview: false,
      useColors: session.output.theme.isColored,
      completer: (line: string, answer: (error: Error | null, found: [string[], string]) => void) =>
        void this.#complete(line, answer),
      eval: ((code, _context, _file, answer) =>
        void this.#runLine(code, repl.Recoverable, answer)) satisfies REPLEval,
    } satisfies ReplOptions & { historySize: number }
    const server = repl.start(options)
    this.#server = server
    this.#adapt(server)
    await openHistory(server, session.shell.store.home)
    session.shell.on('state', onState)
    session.output.setPrompt(this.#visible(server))
    this.#gate.ready()
    try {
      await new Promise<void>((resolve) => {
        server.once('exit', resolve)
      })
    } finally {
      session.shell.off('state', onState)
      session.output.setPrompt(null)
      session.input.setOwner(null)
      this.#gate.detach()
      this.#server = null
    }
  }

  /** Takes away what node:repl brings along and wasmsh has commands for. */
  #adapt(server: REPLServer): void {
    for (const name of Object.keys(server.commands)) Reflect.deleteProperty(server.commands, name)
    // Node's own listener leaves at the second Ctrl-C.
    server.removeAllListeners('SIGINT')
    server.on('SIGINT', () => {
      server.write(null, { ctrl: true, name: 'e' })
      this.#output.write('^C\n')
      server.write(null, { ctrl: true, name: 'u' })
      server.clearBufferedCommand()
      server.displayPrompt()
    })
  }

  async #runLine(
    code: string,
    Incomplete: Recoverable,
    answer: (error: Error | null, result?: unknown) => void,
  ): Promise<void> {
    const { session } = this
    this.#gate.hold()
    session.output.setPrompt(null)
    let incomplete: Error | null = null
    try {
      const place = { file: 'wasmsh', line: 1 }
      const outcome = await session.whileInterruptible(() => executeLine(session, code, place))
      await presentOutcome(session, outcome)
    } catch (error) {
      if (error instanceof IncompleteCode) incomplete = new Incomplete(error.reason)
      else {
        session.status = statusOfError(error, reportError(error).code)
        presentError(session, error)
      }
    }
    const server = this.#server
    if (server === null) return
    if (session.exit !== null) {
      server.close()
      return
    }
    server.setPrompt(promptText(session))
    answer(incomplete)
    session.output.setPrompt(this.#visible(server))
    this.#gate.ready()
  }

  async #complete(
    line: string,
    answer: (error: Error | null, found: [string[], string]) => void,
  ): Promise<void> {
    try {
      answer(null, await completeLine(this.session, line))
    } catch {
      answer(null, [[], line])
    }
  }

  /** News of a guest that nobody waits for. */
  #tell(guest: Guest): void {
    const { session } = this
    if (!session.output.hasPrompt) return
    session.consoleOf(guest).flush()
    const isNews = isFinal(guest.state) || guest.state === 'trapped' || guest.state === 'paused'
    if (isNews) session.output.result(renderReport(reportOf(guest), session.output.theme))
  }

  #visible(server: REPLServer): VisiblePrompt {
    return {
      hide: () => {
        const { rows } = server.getCursorPos()
        if (rows > 0) moveCursor(this.#output, 0, -rows)
        cursorTo(this.#output, 0)
        clearScreenDown(this.#output)
      },
      show: () => {
        // readline would go up by the rows that it believes are there.
        Reflect.set(server, 'prevRows', 0)
        server.setPrompt(promptText(this.session))
        server.prompt(true)
      },
    }
  }
}
