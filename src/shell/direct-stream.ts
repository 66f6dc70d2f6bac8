import { writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'

type Done = (error?: Error | null) => void

/**
 * A stream that keeps no state of its own: every write is done when it returns. Ctrl-C may end
 * running JavaScript anywhere, also half-way through a write; Node's streams then believe for ever
 * that a write is under way, and nothing is printed any more.
 */
export class DirectStream extends Writable {
  constructor(private readonly put: (bytes: Buffer) => void) {
    super()
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | Done | null,
    done?: Done | null,
  ): boolean {
    const isText = typeof chunk === 'string'
    const coding = typeof encoding === 'string' ? encoding : 'utf8'
    this.put(isText ? Buffer.from(chunk, coding) : Buffer.from(chunk as Uint8Array))
    const callback = typeof encoding === 'function' ? encoding : done
    if (callback !== undefined && callback !== null) queueMicrotask(callback)
    return true
  }
}

/** A terminal, written to directly. */
export class TerminalOutput extends DirectStream {
  readonly isTTY = true
  readonly #forward = (): void => void this.emit('resize')

  constructor(private readonly terminal: WriteStream & { readonly fd: number }) {
    super((bytes) => writeAll(terminal.fd, bytes))
    terminal.on('resize', this.#forward)
  }

  /** Lets go of the terminal. */
  release(): void {
    this.terminal.off('resize', this.#forward)
  }

  get columns(): number {
    return this.terminal.columns
  }

  get rows(): number {
    return this.terminal.rows
  }

  getColorDepth(environment?: object): number {
    return this.terminal.getColorDepth(environment)
  }
}

/** Time between two tries while a terminal is full that somebody made non-blocking. */
const retryMs = 5

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A terminal that has gone takes nothing: SIGHUP says so.
      if (code === 'EIO' || code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs)
    }
  }
}
