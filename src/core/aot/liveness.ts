import { eventKind, type FunctionCode } from './function-code.js'
import type { FunctionPoints } from './function-points.js'
import { LocalSets } from './local-sets.js'

/** Rounds that are made at most. Functions of compilers take two to five. */
const mostRounds = 64

/**
 * Which locals are live at each stable point of a function: read later, before they are set again.
 * Goes backwards over the events until the sets of the loops stand still, which takes as many rounds
 * as loops are nested, and one. Where they are nested absurdly deep, every local counts as live in
 * every loop, which costs code and is not wrong.
 */
export class Liveness {
  /** One set a point: at the head of a loop, behind a call, at the entry. */
  readonly atPoint = new LocalSets()
  readonly #current = new LocalSets()
  /** What is live where a branch to a block arrives, and at an else; by depth of the block. */
  readonly #label = new LocalSets()
  readonly #else = new LocalSets()
  #depth = 0

  analyse(code: FunctionCode, points: FunctionPoints): void {
    const words = (code.locals.length + 31) >> 5
    this.atPoint.reset(points.count, words)
    this.#current.reset(1, words)
    this.#label.reset(code.depth + 1, words)
    this.#else.reset(code.depth + 1, words)
    for (let round = 1; this.#round(code, points); round++) {
      if (round === mostRounds) this.#fillLoops(code, points)
    }
  }

  #fillLoops(code: FunctionCode, points: FunctionPoints): void {
    for (let point = 1; point < points.count; point++) {
      if (code.kind.at(points.event.at(point)) === eventKind.loop) this.atPoint.fill(point)
    }
  }

  /** Goes over the function once; true if a loop's set has grown. */
  #round(code: FunctionCode, points: FunctionPoints): boolean {
    const current = this.#current
    let grown = false
    this.#depth = 0
    current.empty(0)
    for (let event = code.events - 1; event > 0; event--) {
      const a = code.a.at(event)
      switch (code.kind.at(event)) {
        case eventKind.localGet:
          current.add(0, a)
          break
        case eventKind.localSet:
        case eventKind.localTee:
          current.remove(0, a)
          break
        case eventKind.end:
          this.#label.assign(this.#depth++, current, 0)
          break
        case eventKind.else:
          this.#else.assign(this.#depth - 1, current, 0)
          current.assign(0, this.#label, this.#depth - 1)
          break
        case eventKind.block:
          this.#depth--
          break
        case eventKind.if: {
          const around = --this.#depth
          const hasElse = code.extra.at(event) >= 0
          current.unite(0, hasElse ? this.#else : this.#label, around)
          break
        }
        case eventKind.loop:
          this.#depth--
          if (points.has(event) && code.extra.at(event) > 0) {
            if (this.atPoint.unite(points.lo.at(event), current, 0)) grown = true
          }
          break
        case eventKind.leave:
        case eventKind.returnCall:
        case eventKind.returnCallIndirect:
          current.empty(0)
          break
        case eventKind.br:
          current.empty(0)
          this.#uniteTarget(code, points, a)
          break
        case eventKind.brIf:
          this.#uniteTarget(code, points, a)
          break
        case eventKind.brTable:
          current.empty(0)
          for (let at = a; at < a + code.b.at(event); at++) {
            this.#uniteTarget(code, points, code.targets.at(at))
          }
          break
        case eventKind.call:
        case eventKind.callIndirect:
        case eventKind.wait:
          if (points.has(event)) this.atPoint.assign(points.lo.at(event), current, 0)
          break
      }
    }
    this.atPoint.assign(0, current, 0)
    return grown
  }

  #uniteTarget(code: FunctionCode, points: FunctionPoints, target: number): void {
    if (target === 0) return
    if (code.kind.at(target) === eventKind.loop) {
      this.#current.unite(0, this.atPoint, points.lo.at(target))
    } else {
      this.#current.unite(0, this.#label, code.level.at(target))
    }
  }
}
