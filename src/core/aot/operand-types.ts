/** The types on the operand stack while a function is decoded, and how low it went. */
export class OperandTypes {
  #types = new Uint8Array(256)
  #height = 0
  #low = 0

  get height(): number {
    return this.#height
  }

  at(index: number): number {
    return this.#types[index] ?? 0
  }

  push(type: number): void {
    if (this.#height === this.#types.length) {
      const larger = new Uint8Array(2 * this.#height)
      larger.set(this.#types)
      this.#types = larger
    }
    this.#types[this.#height++] = type
  }

  pushAll(types: Uint8Array): void {
    for (const type of types) this.push(type)
  }

  /** Takes operands off; returns the type of the lowest of them. */
  pop(count: number): number {
    this.#height -= count
    if (this.#height < this.#low) this.#low = this.#height
    return this.#types[this.#height] ?? 0
  }

  /** Forgets what is above a height, as at the end of a block. */
  cutTo(height: number): void {
    this.#height = height
    if (height < this.#low) this.#low = height
  }

  /** The lowest height since the last time that this was asked. */
  takeLow(): number {
    const low = this.#low
    this.#low = this.#height
    return low
  }

  clear(): void {
    this.#height = 0
    this.#low = 0
  }
}
