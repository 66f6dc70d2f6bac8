import type { Writable } from 'node:stream'
import { formatJson } from './json.js'
import { type ColorSource, colorLevel, createTheme, type Theme } from './theme.js'

/** A stream that text for people goes to. */
export type TextStream = Writable & ColorSource & { readonly columns?: number }

/** A prompt that stands on the terminal and has to give way to other output. */
export interface VisiblePrompt {
  hide(): void
  show(): void
}

export interface OutputOptions {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly isJson: boolean
  readonly environment: NodeJS.ProcessEnv
}

/**
 * Everything that wasmsh writes for people and programs goes through here, so that guest output,
 * results and the prompt never tear each other's lines.
 */
export class Output {
  readonly theme: Theme
  readonly errorTheme: Theme
  readonly isJson: boolean
  readonly #stdout: TextStream
  readonly #stderr: TextStream
  readonly #isOneTerminal: boolean
  /** Streams whose last line is unfinished. */
  readonly #unfinished = new Set<TextStream>()
  #prompt: VisiblePrompt | null = null

  constructor(options: OutputOptions) {
    this.#stdout = options.stdout
    this.#stderr = options.stderr
    this.isJson = options.isJson
    this.theme = createTheme(colorLevel(options.stdout, options.environment))
    this.errorTheme = createTheme(colorLevel(options.stderr, options.environment))
    this.#isOneTerminal = options.stdout.isTTY === true && options.stderr.isTTY === true
  }

  /** Width for tables: the terminal's, or 80. */
  get columns(): number {
    const columns = this.#stdout.columns ?? 80
    return columns >= 20 ? columns : 80
  }

  get isTerminal(): boolean {
    return this.#stdout.isTTY === true
  }

  /** True while a prompt waits for a line: output of guests is then held back to whole lines. */
  get hasPrompt(): boolean {
    return this.#prompt !== null
  }

  /** Says which prompt is on the terminal now; null when none is. */
  setPrompt(prompt: VisiblePrompt | null): void {
    this.#prompt = prompt
  }

  /** Writes text as it is, as console.log of a line of JavaScript does. */
  text(bytes: Buffer, to: 'stdout' | 'stderr'): void {
    this.guest(bytes, to)
  }

  /** Prints the result of a command, ended by a newline. */
  result(text: string): void {
    if (text === '') return
    this.#line(this.#stdout, text)
  }

  /** Prints one JSON value on a line of its own. */
  json(value: unknown): void {
    this.#line(this.#stdout, formatJson(value))
  }

  /** Prints news for people, which is no result: on stderr. */
  note(text: string): void {
    this.#line(this.#stderr, text)
  }

  /**
   * Passes on what a guest wrote, byte for byte; with `--json` its stdout goes to stderr, since
   * stdout is for values then.
   *
   * @returns the stream to wait for ("drain") before more is written, or null
   */
  guest(bytes: Uint8Array, from: 'stdout' | 'stderr'): Writable | null {
    const stream = from === 'stdout' && !this.isJson ? this.#stdout : this.#stderr
    if (bytes.length === 0) return null
    this.#prompt?.hide()
    const isReady = stream.write(bytes)
    this.#note(stream, bytes.at(-1) === 0x0a)
    if (this.#prompt !== null) {
      if (bytes.at(-1) !== 0x0a) this.#finishLine(stream)
      this.#prompt.show()
    }
    return isReady ? null : stream
  }

  /** The terminal itself has written something, such as "^C", and stands behind it. */
  echoed(): void {
    if (this.isTerminal) this.#note(this.#stdout, false)
  }

  /** Shows how far a long command is, in place of what it showed before; "" takes it away. Only for
   *  terminals, and while no prompt is there. */
  progress(text: string): void {
    if (!this.isTerminal) return
    this.#finishLine(this.#stdout)
    this.#stdout.write(`\r\u001b[K${this.theme.quiet(text)}`)
  }

  /** Resolves when all that was written has left this process. */
  async flush(): Promise<void> {
    await Promise.all([drained(this.#stdout), drained(this.#stderr)])
  }

  #line(stream: TextStream, text: string): void {
    this.#prompt?.hide()
    this.#finishLine(stream)
    stream.write(text.endsWith('\n') ? text : `${text}\n`)
    this.#prompt?.show()
  }

  #finishLine(stream: TextStream): void {
    if (!this.#unfinished.has(stream)) return
    stream.write('\n')
    this.#note(stream, true)
  }

  #note(stream: TextStream, isFinished: boolean): void {
    const streams = this.#isOneTerminal ? [this.#stdout, this.#stderr] : [stream]
    for (const each of streams) {
      if (isFinished) this.#unfinished.delete(each)
      else this.#unfinished.add(each)
    }
  }
}

function drained(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve()
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}
