import { ByteWriter } from './byte-writer.js'
import { IntList } from './int-list.js'

/**
 * Where in the original module the instructions of one written function come from, as marks: from a
 * position in the output on, either one pc for all, or a copied run, whose pcs go along. What is in
 * front of the first mark has pc 0.
 */
export class CodePlaces {
  readonly #at = new IntList()
  readonly #pc = new IntList()
  readonly #isRun = new IntList()

  clear(): void {
    this.#at.clear()
    this.#pc.clear()
    this.#isRun.clear()
  }

  /** Instructions from `at` on are a copy of those from `pc` on. */
  run(at: number, pc: number): void {
    this.#mark(at, pc, 1)
  }

  /** Instructions from `at` on are there for the one at `pc`. */
  fixed(at: number, pc: number): void {
    this.#mark(at, pc, 0)
  }

  /** Writes them as native/compiler/code_places.h reads them. `before` bytes of instructions stand in
   *  front of those that the marks count from. */
  write(out: ByteWriter, originalFunction: number, before: number): void {
    const marks = new ByteWriter(4 * this.#at.length)
    let lastAt = 0
    let lastPc = 0
    for (let index = 0; index < this.#at.length; index++) {
      const at = this.#at.at(index) + before
      const pc = this.#pc.at(index)
      marks.u32(2 * (at - lastAt) + this.#isRun.at(index))
      marks.s32(pc - lastPc)
      lastAt = at
      lastPc = pc
    }
    out.u32(originalFunction + 1)
    out.vector(marks.view())
  }

  #mark(at: number, pc: number, isRun: number): void {
    this.#at.push(at)
    this.#pc.push(pc)
    this.#isRun.push(isRun)
  }
}

/** Says that a function of the output is none of the module's. */
export function writeNoPlaces(out: ByteWriter): void {
  out.u32(0)
  out.u32(0)
}
