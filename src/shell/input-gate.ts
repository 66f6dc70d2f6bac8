import { PassThrough } from 'node:stream'
import type { ReadStream } from 'node:tty'
import type { TerminalOwner } from './terminal-input.js'

const interruptKey = 0x03
const newlines = [0x0a, 0x0d]

/**
 * Stands between the terminal and the prompt: lets one line through at a time, so that lines that
 * were pasted or typed ahead are not run at once, and notices Ctrl-C while a command runs. While a
 * guest is in the foreground, the terminal is out of our hands altogether.
 */
export class InputGate extends PassThrough implements TerminalOwner {
  readonly isTTY = true
  #waiting: Buffer = Buffer.alloc(0)
  #isBusy = false
  #isLent = false
  readonly #onData = (bytes: Buffer) => this.#receive(bytes)
  readonly #onEnd = () => this.end()

  /** @param onInterrupt called on Ctrl-C while a line is being run */
  constructor(
    private readonly terminal: ReadStream,
    private readonly onInterrupt: () => void,
  ) {
    super()
    terminal.on('data', this.#onData)
    terminal.on('end', this.#onEnd)
    terminal.resume()
  }

  get isRaw(): boolean {
    return this.terminal.isRaw
  }

  /** node:repl and readline switch the terminal through this. */
  setRawMode(isRaw: boolean): this {
    if (!this.#isLent) this.terminal.setRawMode(isRaw)
    return this
  }

  /** A line is being run: nothing more is let through. */
  hold(): void {
    this.#isBusy = true
  }

  /** The line is done. */
  ready(): void {
    this.#isBusy = false
    setImmediate(() => this.#pass())
  }

  lend(): void {
    this.terminal.pause()
    this.terminal.setRawMode(false)
    this.#isLent = true
  }

  reclaim(): void {
    this.#isLent = false
    this.terminal.setRawMode(true)
    this.terminal.resume()
  }

  /** Lets go of the terminal for good. */
  detach(): void {
    this.terminal.off('data', this.#onData)
    this.terminal.off('end', this.#onEnd)
    this.terminal.pause()
  }

  #receive(bytes: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    if (!this.#isBusy) {
      this.#pass()
      return
    }
    const interrupt = this.#waiting.indexOf(interruptKey)
    if (interrupt < 0) return
    // As a terminal does: what was typed before Ctrl-C is dropped.
    this.#waiting = this.#waiting.subarray(interrupt + 1)
    this.onInterrupt()
  }

  /** Lets what is up to the end of the line through; whether that began to run a line is known when
   *  it has been taken in. */
  #pass(): void {
    if (this.#isBusy || this.#isLent || this.#waiting.length === 0 || this.writableEnded) return
    const end = endOfLine(this.#waiting)
    this.write(this.#waiting.subarray(0, end))
    this.#waiting = Buffer.from(this.#waiting.subarray(end))
    if (this.#waiting.length > 0) setImmediate(() => this.#pass())
  }
}

function endOfLine(bytes: Buffer): number {
  const at = bytes.findIndex((byte) => newlines.includes(byte))
  if (at < 0) return bytes.length
  const isPair = bytes[at] === 0x0d && bytes[at + 1] === 0x0a
  return at + (isPair ? 2 : 1)
}
