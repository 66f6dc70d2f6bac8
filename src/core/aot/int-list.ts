/** A growing list of 32-bit integers in one typed array: 4 bytes an item, whatever it is used for. */
export class IntList {
  #items: Int32Array
  #length = 0

  constructor(capacity = 64) {
    this.#items = new Int32Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** The item at an index below `length`. */
  at(index: number): number {
    return this.#items[index] ?? 0
  }

  last(): number {
    return this.at(this.#length - 1)
  }

  set(index: number, value: number): void {
    this.#items[index] = value
  }

  /** Appends an item; returns its index. */
  push(value: number): number {
    if (this.#length === this.#items.length) {
      const larger = new Int32Array(2 * this.#length + 16)
      larger.set(this.#items)
      this.#items = larger
    }
    this.#items[this.#length] = value
    return this.#length++
  }

  pop(): number {
    return this.at(--this.#length)
  }

  includes(value: number): boolean {
    const found = this.#items.indexOf(value)
    return found >= 0 && found < this.#length
  }

  clear(): void {
    this.#length = 0
  }

  toArray(): Int32Array {
    return this.#items.slice(0, this.#length)
  }
}
