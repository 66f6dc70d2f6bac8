import type { Readable } from 'node:stream'
import { WasmshError } from '../core/errors.js'
import type { Guest } from '../core/guest/guest.js'
import type { AnyPlugin } from '../core/plugin.js'
import type { ReloadReport } from '../core/plugin-host/reload-plugin.js'
import type { Shell } from '../core/shell.js'
import type { Evaluator } from './evaluator.js'
import { done, type ExitStatus } from './exit-codes.js'
import { GuestConsole, relay } from './guest-console.js'
import { Interrupts } from './interrupts.js'
import type { Output } from './output.js'
import { createPage, type Page } from './page.js'
import type { TerminalInput } from './terminal-input.js'
import type { Vocabulary } from './vocabulary.js'

/** What commands mean that name no guest. */
export type Selection =
  | { readonly kind: 'none' }
  | { readonly kind: 'guest'; readonly name: string }
  | { readonly kind: 'snapshot'; readonly name: string }

export interface SessionOptions {
  readonly shell: Shell
  /** Commands and topics, with those of plugins. */
  readonly createVocabulary: (plugins: readonly AnyPlugin[]) => Vocabulary
  readonly output: Output
  readonly input: TerminalInput
  readonly isDebug: boolean
  readonly isQuiet: boolean
  /** True when a guest that Ctrl-C hits, or that traps, is left to be looked at. */
  readonly hasPrompt: boolean
  /** Plugins of wasmsh's own that were left out. */
  readonly withoutPlugins: readonly string[]
  /** Gives the scope of JavaScript lines, made on first use. */
  readonly createEvaluator: (session: Session) => Promise<Evaluator>
}

/** What the lines of one wasmsh share: guests, the chosen one, the scope of JavaScript. */
export class Session {
  readonly shell: Shell
  readonly output: Output
  readonly input: TerminalInput
  readonly isDebug: boolean
  readonly isQuiet: boolean
  readonly withoutPlugins: readonly string[]
  readonly interrupts = new Interrupts()
  hasPrompt: boolean
  selection: Selection = { kind: 'none' }
  /** Of the last line. */
  status: ExitStatus = done
  /** Set by `exit`: no further line is run. */
  exit: (ExitStatus & { readonly isForced: boolean }) | null = null
  /** Told of errors that no line waits for. */
  onStray: (error: unknown) => void = () => {}
  /** Set by the first of them: a script has not done all it should. */
  hasStray = false
  /** Value of the last command, `result` in JavaScript. */
  lastResult: unknown
  /** Arguments of the script that is being run, `$1` and `args`. */
  scriptArguments: readonly string[] = []
  /** Its path, `$0`. */
  scriptFile: string | null = null
  readonly #consoles = new Map<Guest, GuestConsole>()
  readonly #createEvaluator: (session: Session) => Promise<Evaluator>
  #evaluator: Promise<Evaluator> | null = null
  readonly #createVocabulary: SessionOptions['createVocabulary']
  #vocabulary: Vocabulary
  #onVocabulary: ((before: Vocabulary) => void) | null = null
  #controller = new AbortController()

  constructor(options: SessionOptions) {
    this.shell = options.shell
    this.output = options.output
    this.input = options.input
    this.isDebug = options.isDebug
    this.isQuiet = options.isQuiet
    this.hasPrompt = options.hasPrompt
    this.withoutPlugins = options.withoutPlugins
    this.#createEvaluator = options.createEvaluator
    this.#createVocabulary = options.createVocabulary
    this.#vocabulary = options.createVocabulary(options.shell.plugins.all())
  }

  get commands(): Vocabulary['commands'] {
    return this.#vocabulary.commands
  }

  get topics(): Vocabulary['topics'] {
    return this.#vocabulary.topics
  }

  /** Loads a plugin and what it adds to the shell; nothing has changed when it throws. */
  async loadPlugin(name: string): Promise<AnyPlugin> {
    const plugin = await this.shell.loadPlugin(name, (all) => this.#createVocabulary(all))
    this.refreshVocabulary()
    return plugin
  }

  /** Loads the code of a plugin anew; nothing has changed when it throws. */
  async reloadPlugin(name: string): Promise<ReloadReport> {
    const report = await this.shell.reloadPlugin(name, (all) => this.#createVocabulary(all))
    this.refreshVocabulary()
    return report
  }

  /** The plugins of the shell have changed. */
  refreshVocabulary(): void {
    const before = this.#vocabulary
    this.#vocabulary = this.#createVocabulary(this.shell.plugins.all())
    this.#onVocabulary?.(before)
  }

  /** Says who is told of other commands. */
  onVocabulary(listener: (before: Vocabulary) => void): void {
    this.#onVocabulary = listener
  }

  get page(): Page {
    return createPage(this.output.columns, this.output.theme)
  }

  /** The scope of JavaScript lines. */
  evaluator(): Promise<Evaluator> {
    this.#evaluator ??= this.#createEvaluator(this)
    return this.#evaluator
  }

  /** The scope, when a line has needed it already. */
  get hasEvaluator(): boolean {
    return this.#evaluator !== null
  }

  /** The chosen guest; null without one. */
  get guest(): Guest | null {
    const { selection } = this
    if (selection.kind !== 'guest') return null
    return this.shell.guests().find((guest) => guest.name === selection.name) ?? null
  }

  /**
   * The guest that a command means.
   *
   * @throws WasmshError ERR_WASMSH_GUEST_UNKNOWN
   */
  findGuest(name: string | undefined): Guest {
    if (name !== undefined) return this.shell.guest(name)
    if (this.selection.kind === 'snapshot') {
      throw new WasmshError(
        'ERR_WASMSH_GUEST_UNKNOWN',
        `The stored snapshot "${this.selection.name}" is chosen, and this command needs a guest`,
        { hint: 'Name a guest, choose one with "use GUEST", or "recover" the snapshot.' },
      )
    }
    const { guest } = this
    if (guest !== null) return guest
    throw new WasmshError('ERR_WASMSH_GUEST_UNKNOWN', 'There is no guest yet', {
      hint: 'Start one with "run FILE.wasm", or bring one back with "recover NAME".',
    })
  }

  choose(guest: Guest): void {
    this.selection = { kind: 'guest', name: guest.name }
  }

  /** Console of a guest; made with the guest, so that no output is missed. */
  consoleOf(guest: Guest): GuestConsole {
    const known = this.#consoles.get(guest)
    if (known !== undefined) return known
    const made = new GuestConsole(guest, this.output)
    this.#consoles.set(guest, made)
    return made
  }

  /** Passes on what another process writes, as the output of a guest. */
  passOn(stream: Readable, from: 'stdout' | 'stderr'): void {
    relay(this.output, stream, from)
  }

  /** An error that no line waits for: thrown by a timer, a promise that nobody awaits. */
  noteStray(error: unknown): void {
    this.hasStray = true
    this.onStray(error)
  }

  /** Aborted by Ctrl-C during the line that is being run. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Gives up the line that is being run. */
  giveUp(): void {
    this.#controller.abort()
  }

  /** Runs one line from a prompt or a script; Ctrl-C gives it up. */
  async whileInterruptible<Value>(body: () => Promise<Value>): Promise<Value> {
    if (this.#controller.signal.aborted) this.#controller = new AbortController()
    const remove = this.interrupts.push(() => this.giveUp())
    try {
      return await body()
    } finally {
      remove()
    }
  }

  /** Waits for work that the line's signal ends.
   *  @throws WasmshError ERR_WASMSH_INTERRUPTED when the line was given up. */
  async unlessInterrupted<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      this.throwIfInterrupted()
      throw error
    }
  }

  /** @throws WasmshError ERR_WASMSH_INTERRUPTED when the line was given up. */
  throwIfInterrupted(): void {
    if (this.signal.aborted) throw new WasmshError('ERR_WASMSH_INTERRUPTED', 'Interrupted')
  }
}
