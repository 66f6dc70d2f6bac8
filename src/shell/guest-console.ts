import type { Readable, Writable } from 'node:stream'
import type { Guest } from '../core/guest/guest.js'
import type { Output } from './output.js'

/** Bytes of an unfinished line that are held back while a prompt is on the terminal. */
const heldLimit = 4096
/** Bytes of each guest's stdout that scripts can look at, as `output`. */
const transcriptLimit = 1024 * 1024

/** One output of a guest on its way to ours. */
class Relay {
  #held: Buffer = Buffer.alloc(0)

  constructor(
    readonly output: Output,
    readonly stream: Readable,
    readonly from: 'stdout' | 'stderr',
    onBytes: (bytes: Buffer) => void,
  ) {
    stream.on('data', (bytes: Buffer) => {
      onBytes(bytes)
      this.#pass(bytes)
    })
    stream.on('close', () => this.flush())
  }

  /** Writes what is held back. */
  flush(): void {
    const held = this.#held
    this.#held = Buffer.alloc(0)
    this.#write(held)
  }

  #pass(bytes: Buffer): void {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    this.#held = Buffer.alloc(0)
    const end = all.lastIndexOf(0x0a) + 1
    const isWhole = !this.output.hasPrompt || all.length - end > heldLimit
    if (!isWhole) this.#held = Buffer.from(all.subarray(end))
    this.#write(isWhole ? all : all.subarray(0, end))
  }

  /** A full output stops reading, so that the guest's pipe fills and the guest waits. */
  #write(bytes: Buffer): void {
    const full: Writable | null = this.output.guest(bytes, this.from)
    if (full === null) return
    this.stream.pause()
    full.once('drain', () => this.stream.resume())
  }
}

/** Passes on what a stream brings to one of our outputs. */
export function relay(output: Output, stream: Readable, from: 'stdout' | 'stderr'): void {
  new Relay(output, stream, from, () => {})
}

/** Passes on what a guest writes, and keeps the end of it for scripts. */
export class GuestConsole {
  readonly #relays: Relay[] = []
  #transcript: Buffer[] = []
  #transcriptBytes = 0

  constructor(
    readonly guest: Guest,
    output: Output,
  ) {
    const keep = (bytes: Buffer) => this.#keep(bytes)
    if (guest.stdout !== null) this.#relays.push(new Relay(output, guest.stdout, 'stdout', keep))
    if (guest.stderr !== null) {
      this.#relays.push(new Relay(output, guest.stderr, 'stderr', () => {}))
    }
  }

  /** What the guest has written to its stdout in this process, at most the last MiB, as UTF-8. */
  get text(): string {
    return Buffer.concat(this.#transcript).toString('utf8')
  }

  /** Writes unfinished lines out, before something else is written. */
  flush(): void {
    for (const relay of this.#relays) relay.flush()
  }

  #keep(bytes: Buffer): void {
    this.#transcript.push(bytes)
    this.#transcriptBytes += bytes.length
    if (this.#transcriptBytes <= 2 * transcriptLimit) return
    const last = Buffer.concat(this.#transcript).subarray(-transcriptLimit)
    this.#transcript = [Buffer.from(last)]
    this.#transcriptBytes = last.length
  }
}
