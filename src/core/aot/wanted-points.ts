/** The points of one function that its twin can be entered at, counted so that ranges are asked
 *  about at no cost. */
export class WantedPoints {
  readonly #before: Int32Array

  /** `wanted` names them; undefined means all of `count`. */
  constructor(count: number, wanted: ReadonlySet<number> | undefined) {
    this.#before = new Int32Array(count + 1)
    for (let point = 0; point < count; point++) {
      const one = wanted === undefined || wanted.has(point) ? 1 : 0
      this.#before[point + 1] = (this.#before[point] ?? 0) + one
    }
  }

  /** Says whether one is among the points from `lo` to below `hi`. */
  isAny(lo: number, hi: number): boolean {
    return this.#before[lo] !== this.#before[hi]
  }
}
