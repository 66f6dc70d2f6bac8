import type { Readable } from 'node:stream'

/** What a stream has given so far. */
export class Collected {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  constructor(stream: Readable | null) {
    stream?.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
    })
  }

  get bytes(): number {
    return this.#bytes
  }

  all(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
