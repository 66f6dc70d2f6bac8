import { WasmshError } from '../errors.js'

/** Part of a file that is not a hole, in bytes. */
export interface Segment {
  readonly offset: number
  readonly length: number
}

/** Most segments that are read: one for every other page of 4 GiB, and the end. */
const maxSegments = 2 ** 20

/**
 * Formats the map that stands before the data of a sparse file in a tar archive, padded to blocks.
 * See https://www.gnu.org/software/tar/manual/html_node/PAX-1.html
 */
export function formatSparseMap(segments: readonly Segment[], fileBytes: number): Uint8Array {
  const last = segments.at(-1)
  const end = last === undefined ? 0 : last.offset + last.length
  // GNU tar marks a hole at the end by an empty segment there.
  const all = end === fileBytes ? segments : [...segments, { offset: fileBytes, length: 0 }]
  const numbers = [all.length, ...all.flatMap(({ offset, length }) => [offset, length])]
  const text = Buffer.from(`${numbers.join('\n')}\n`, 'latin1')
  return Buffer.concat([text, new Uint8Array((512 - (text.length % 512)) % 512)])
}

/** Reads such a map from a stranger's archive, in pieces of any size. */
export class SparseMapReader {
  readonly #fileBytes: number
  readonly #segments: Segment[] = []
  #digits = ''
  #left = -1
  #offset = -1
  #bytes = 0

  constructor(fileBytes: number) {
    this.#fileBytes = fileBytes
  }

  /** The segments, once all are there. */
  get segments(): readonly Segment[] | null {
    return this.#left === 0 && this.#bytes % 512 === 0 ? this.#segments : null
  }

  /** Takes bytes until the map with its padding is complete; answers how many.
   *  @throws WasmshError ARCHIVE_INVALID */
  push(bytes: Uint8Array): number {
    let used = 0
    while (used < bytes.length && this.segments === null) {
      this.#take(bytes[used] ?? 0)
      used++
      this.#bytes++
    }
    return used
  }

  #take(byte: number): void {
    if (this.#left === 0) return
    if (byte >= 0x30 && byte <= 0x39 && this.#digits.length < 15) {
      this.#digits += String.fromCharCode(byte)
      return
    }
    if (byte !== 0x0a || this.#digits === '') throw invalid('is not made of numbers')
    const value = Number(this.#digits)
    this.#digits = ''
    if (this.#left < 0) {
      if (value > maxSegments) throw invalid(`has ${value} segments`)
      this.#left = value
    } else if (this.#offset < 0) {
      this.#offset = value
    } else {
      this.#add({ offset: this.#offset, length: value })
      this.#offset = -1
      this.#left--
    }
  }

  #add(segment: Segment): void {
    const last = this.#segments.at(-1)
    const end = last === undefined ? 0 : last.offset + last.length
    if (segment.offset < end || segment.offset + segment.length > this.#fileBytes) {
      throw invalid('has segments out of order or behind the end')
    }
    this.#segments.push(segment)
  }
}

function invalid(reason: string): WasmshError {
  return new WasmshError('ERR_WASMSH_ARCHIVE_INVALID', `The map of a sparse file ${reason}`)
}
