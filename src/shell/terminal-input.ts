import { closeSync, constants, openSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import type { PlainStream } from '../core/guest/run-options.js'

/** Where lines come from, which decides what a guest in the foreground may read. */
export type InputUse =
  /** The script itself, or nothing: guests read end-of-file. */
  | 'none'
  /** Not a terminal and not a script: guests read it. */
  | 'stream'
  /** A terminal: the prompt and the guest in the foreground take turns. */
  | 'terminal'

/** A prompt that gives the terminal up while a guest is in the foreground. */
export interface TerminalOwner {
  /** Stops reading. What was typed or pasted before stays for the prompt. */
  lend(): void
  /** Reads again. */
  reclaim(): void
}

/** The process's standard input, lent to one guest at a time. */
export class TerminalInput {
  #owner: TerminalOwner | null = null

  constructor(
    readonly use: InputUse,
    private readonly stdin: Readable,
  ) {}

  /** How a guest started now gets its stdin by default. */
  get streamOption(): PlainStream {
    return this.use === 'none' ? 'null' : this.use === 'terminal' ? 'terminal' : 'pipe'
  }

  setOwner(owner: TerminalOwner | null): void {
    this.#owner = owner
  }

  /** Feeds a guest from here until the returned function is called. */
  lend(to: Writable): () => void {
    if (this.use === 'none') return () => {}
    if (this.use === 'stream') return this.#lendStream(to)
    this.#owner?.lend()
    const giveBack = lendTerminal(to)
    return () => {
      giveBack()
      this.#owner?.reclaim()
    }
  }

  /** Lets go of standard input, so that it does not keep the process. */
  close(): void {
    this.stdin.pause()
  }

  #lendStream(to: Writable): () => void {
    const { stdin } = this
    if (stdin.readableEnded || stdin.destroyed) {
      to.end()
      return () => {}
    }
    // A guest that ends early closes its input; that is no error of ours.
    stdin.pipe(to)
    return () => {
      stdin.unpipe(to)
      stdin.pause()
    }
  }
}

/**
 * Feeds a guest from the terminal in its own line mode. The terminal is opened a second time: on
 * Ctrl-D the stream ends for good, and Node's process.stdin has to live on for the prompt.
 */
function lendTerminal(to: Writable): () => void {
  const stream = openTerminal()
  if (stream === null) {
    to.end()
    return () => {}
  }
  stream.on('error', () => to.end())
  stream.pipe(to)
  return () => {
    stream.unpipe(to)
    stream.destroy()
  }
}

function openTerminal(): ReadStream | null {
  try {
    const fd = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NOCTTY)
    try {
      return new ReadStream(fd)
    } catch {
      closeSync(fd)
      return null
    }
  } catch {
    return null
  }
}
