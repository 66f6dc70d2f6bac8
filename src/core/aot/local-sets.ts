import { WasmshError } from '../errors.js'

const mostWords = 2 ** 26

/** Sets of locals, as bits: one set after the other. */
export class LocalSets {
  #bits = new Int32Array(1024)
  words = 0

  /**
   * Makes room for that many empty sets.
   *
   * @throws WasmshError ERR_WASMSH_COMPILE_LIMIT when they would take over 256 MiB
   */
  reset(sets: number, words: number): void {
    if (sets * words > mostWords) {
      throw new WasmshError(
        'ERR_WASMSH_COMPILE_LIMIT',
        'A function has too many locals and stable points together to be compiled',
      )
    }
    this.words = words
    if (sets * words > this.#bits.length) this.#bits = new Int32Array(2 * sets * words)
    else this.#bits.fill(0, 0, sets * words)
  }

  has(set: number, local: number): boolean {
    return (((this.#bits[set * this.words + (local >> 5)] ?? 0) >> (local & 31)) & 1) === 1
  }

  add(set: number, local: number): void {
    const place = set * this.words + (local >> 5)
    this.#bits[place] = (this.#bits[place] ?? 0) | (1 << (local & 31))
  }

  remove(set: number, local: number): void {
    const place = set * this.words + (local >> 5)
    this.#bits[place] = (this.#bits[place] ?? 0) & ~(1 << (local & 31))
  }

  empty(set: number): void {
    this.#bits.fill(0, set * this.words, (set + 1) * this.words)
  }

  fill(set: number): void {
    this.#bits.fill(-1, set * this.words, (set + 1) * this.words)
  }

  /** Copies a set of another list, or of this one. */
  assign(set: number, from: LocalSets, other: number): void {
    for (let word = 0; word < this.words; word++) {
      this.#bits[set * this.words + word] = from.#bits[other * this.words + word] ?? 0
    }
  }

  /** Adds a set to another; true if that changed it. */
  unite(set: number, from: LocalSets, other: number): boolean {
    let changed = 0
    for (let word = 0; word < this.words; word++) {
      const place = set * this.words + word
      const before = this.#bits[place] ?? 0
      const after = before | (from.#bits[other * this.words + word] ?? 0)
      changed |= after ^ before
      this.#bits[place] = after
    }
    return changed !== 0
  }
}
