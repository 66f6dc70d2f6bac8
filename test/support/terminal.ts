import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { checkout, cliCommand } from './cli-command.js'

/** Longest that a test waits for text, milliseconds. */
const limitMs = 20_000

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
  readonly rows?: number
}

/**
 * wasmsh on a real pseudo-terminal, which `script` of util-linux makes (in Debian's base). Tests type
 * and wait for text; they never sleep.
 */
export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exit: Promise<number>
  #output = ''
  #read = 0
  #isGone = false
  #changed: () => void = () => {}

  constructor(args: readonly string[], options: TerminalOptions = {}) {
    const { columns = 80, rows = 24, env = {} } = options
    const command = [process.execPath, ...cliCommand(), ...args].map(quote).join(' ')
    const line = `stty cols ${columns} rows ${rows} && exec ${command}`
    this.#child = spawn('script', ['-qfec', line, '/dev/null'], {
      cwd: checkout,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...env },
    })
    const take = (bytes: Buffer) => {
      this.#output += bytes.toString('latin1')
      this.#changed()
    }
    this.#child.stdout.on('data', take)
    this.#child.stderr.on('data', take)
    this.#child.stdin.on('error', () => {})
    this.#exit = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#isGone = true
        this.#changed()
        resolve(code ?? -1)
      })
    })
  }

  /** All that was written so far, control sequences included. */
  get raw(): string {
    return this.#output
  }

  /** Types text; "\r" is Enter, "\x03" Ctrl-C, "\x04" Ctrl-D. */
  type(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Waits until text has come that no earlier call has seen, and returns all up to its end. */
  async until(expected: string | RegExp): Promise<string> {
    const deadline = Date.now() + limitMs
    for (;;) {
      const fresh = stripVTControlCharacters(this.#output.slice(this.#read)).replaceAll('\r', '')
      const found = typeof expected === 'string' ? fresh.indexOf(expected) : fresh.search(expected)
      if (found >= 0) {
        this.#read = this.#output.length
        return fresh
      }
      if (this.#isGone || Date.now() > deadline) {
        const why = this.#isGone ? 'it ended' : `${limitMs} ms have passed`
        throw new Error(`Waited for ${String(expected)}, but ${why}; on the screen:\n${fresh}`)
      }
      await this.#change(deadline)
    }
  }

  /** Waits for the end; resolves to the exit code. */
  exit(): Promise<number> {
    return this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isGone) this.#child.kill('SIGKILL')
    await this.#exit
  }

  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, deadline - Date.now()))
      this.#changed = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
