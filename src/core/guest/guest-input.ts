import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'

/** A pipe takes pieces of at most this size whole or not at all (PIPE_BUF, pipe(7)). */
const pieceBytes = 4096

/**
 * The end of a guest's standard input that the host writes to. Nothing is fed while the guest
 * stands still, so what it has not been given is known: a snapshot takes it along.
 */
export class GuestInput extends Writable {
  readonly #fd: number
  readonly #socket: Socket
  /** Accepted and not yet in the pipe; pieces of at most PIPE_BUF bytes. */
  readonly #pieces: Buffer[] = []
  #isHeld = true
  #isWriting = false
  #isGone = false
  /** Take everything that waits, so that a snapshot sees it. */
  #isCollecting = false
  #accepted: (() => void) | null = null
  #closed: (() => void) | null = null

  /** @param fd write end of a pipe; owned by this object from now on */
  constructor(fd: number) {
    super({ highWaterMark: 64 * 1024, decodeStrings: true })
    this.#fd = fd
    this.#socket = new Socket({ fd, readable: false, writable: true })
    this.#socket.on('error', () => this.#abandon())
    this.#socket.on('close', () => this.#abandon())
  }

  /**
   * Puts back, before the guest is recovered, what it had not read yet: a guest that does not wait
   * for its input (nonblock) must find it there at once, and behind it, with `isEnded`, the end.
   */
  preload(bytes: Uint8Array, isEnded: boolean): void {
    const taken = this.#fill(bytes)
    if (taken < bytes.length) this.write(bytes.subarray(taken))
    if (!isEnded) return
    this.end()
    if (taken === bytes.length) this.#socket.destroy()
  }

  /** Fills the empty pipe as far as it goes; returns the bytes that fitted. */
  #fill(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      try {
        writeSync(this.#fd, bytes, at, Math.min(pieceBytes, bytes.length - at))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return at
        throw error
      }
    }
    return bytes.length
  }

  /** Stops feeding. */
  hold(): void {
    this.#isHeld = true
  }

  /** Feeds again. */
  release(): void {
    this.#isHeld = false
    this.#pump()
  }

  /**
   * Waits until the pipe takes no more by itself: while the guest reads nothing, a piece under way
   * either gets in within a turn of the event loop or stays out. Call while held.
   */
  async settle(): Promise<void> {
    this.#isCollecting = true
    this.#acknowledge()
    for (let turn = 0; turn < 3; turn++) await new Promise((done) => setImmediate(done))
    this.#isCollecting = false
  }

  /** Bytes that were written here and are not in the pipe; all of them after settle. */
  unsent(): Uint8Array {
    return Buffer.concat(this.#pieces)
  }

  /** Whether end-of-file follows behind what was written. */
  get isEnded(): boolean {
    return this.writableEnded
  }

  /** Lets go of the pipe; what is not in it is dropped. */
  close(): void {
    this.#abandon()
    this.#socket.destroy()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (!this.#isGone) {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        this.#pieces.push(Buffer.from(chunk.subarray(at, at + pieceBytes)))
      }
    }
    this.#accepted = done
    this.#pump()
    if (this.#isCollecting || this.#isGone) this.#acknowledge()
  }

  override _final(done: () => void): void {
    this.#closed = done
    this.#pump()
    if (this.#isGone) this.#close()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#abandon()
    this.#socket.destroy()
    done(error)
  }

  #pump(): void {
    if (this.#isHeld || this.#isWriting || this.#isGone) return
    const piece = this.#pieces[0]
    if (piece !== undefined) this.#feed(piece)
    else if (this.#closed !== null) this.#socket.end(() => this.#close())
    else this.#acknowledge()
  }

  #feed(piece: Buffer): void {
    this.#isWriting = true
    this.#socket.write(piece, () => {
      this.#isWriting = false
      if (this.#isGone) return
      this.#pieces.shift()
      this.#pump()
    })
  }

  /** Asks for the next chunk. */
  #acknowledge(): void {
    const done = this.#accepted
    this.#accepted = null
    done?.()
  }

  /** The guest has closed its end, as when it has ended: further writing is dropped, as it is on a
   *  terminal that nobody reads. */
  #abandon(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#pieces.length = 0
    this.#acknowledge()
    this.#close()
  }

  #close(): void {
    const done = this.#closed
    this.#closed = null
    done?.()
  }
}
