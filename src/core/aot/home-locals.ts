import type { ByteWriter } from './byte-writer.js'
import { IntList } from './int-list.js'
import { i32 } from './value-types.js'

/** Extra local of one place of the operand stack. */
export interface Home {
  readonly depth: number
  readonly type: number
  readonly local: number
}

/**
 * The locals that a function gets in addition. The *home* of an operand keeps it where a cold path or
 * a twin can reach it: one for each place of the operand stack, counted from the function's bottom,
 * and type. A compiler turns them into nothing: what is never stored anywhere costs nothing.
 */
export class HomeLocals {
  readonly #types = new IntList()
  readonly #homes = new Map<number, Home>()
  #first = 0
  #scratch = -1

  /** Begins a function that has so many locals of its own. */
  reset(first: number): void {
    this.#first = first
    this.#scratch = -1
    this.#types.clear()
    this.#homes.clear()
  }

  at(depth: number, type: number): number {
    const key = depth * 256 + type
    const found = this.#homes.get(key)
    if (found !== undefined) return found.local
    const local = this.add(type)
    this.#homes.set(key, { depth, type, local })
    return local
  }

  add(type: number): number {
    return this.#first + this.#types.push(type)
  }

  /** An i32 that is read right after it is set. */
  scratch(): number {
    if (this.#scratch < 0) this.#scratch = this.add(i32)
    return this.#scratch
  }

  all(): Iterable<Home> {
    return this.#homes.values()
  }

  /** Writes declarations of `declared` locals, from a place on, and of the extra ones. */
  writeLocals(out: ByteWriter, declared: IntList, from: number): void {
    const groups = new IntList()
    let last = -1
    const add = (type: number): void => {
      if (type === last) groups.set(groups.length - 2, groups.at(groups.length - 2) + 1)
      else {
        groups.push(1)
        groups.push(type)
      }
      last = type
    }
    for (let index = from; index < declared.length; index++) add(declared.at(index))
    for (let index = 0; index < this.#types.length; index++) add(this.#types.at(index))
    out.u32(groups.length / 2)
    for (let at = 0; at < groups.length; at += 2) {
      out.u32(groups.at(at))
      out.byte(groups.at(at + 1))
    }
  }
}
