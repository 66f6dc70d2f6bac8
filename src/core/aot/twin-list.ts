import { WasmshError } from '../errors.js'
import type { CallGraph } from './call-graph.js'
import type { ModuleLayout } from './module-layout.js'
import type { Suspendable } from './suspendable.js'

/** A stable point: the number of a function as frames have it, and that of a point in it; `all` are
 *  all points of that function. */
export interface FramePoint {
  readonly function: number
  readonly point: number | 'all'
}

/**
 * Which twins a build has. `all`: of everything; a list: just enough to rebuild stacks of such
 * frames; `open`: none, but places for those that another build has (see `InstrumentOptions`);
 * `none`: it can be suspended, and goes on elsewhere.
 */
export type TwinChoice = 'none' | 'open' | 'all' | readonly FramePoint[]

/** Functions that can have twins in a build that has not all of them: a stack with frames of more is
 *  not rebuilt. */
const twinPlaces = 1024

/** The twins of a build in the order of their table. */
export class TwinList {
  /** Number of the function of each, as frames have it. */
  readonly functions: readonly number[]
  /** Elements of the table. */
  readonly places: number
  readonly #points: ReadonlyMap<number, ReadonlySet<number> | undefined>

  constructor(
    choice: TwinChoice,
    layout: ModuleLayout,
    graph: CallGraph,
    { hasPoints }: Suspendable,
  ) {
    const { importedFunctions } = layout
    const hasTwin = (index: number): boolean =>
      index < importedFunctions ||
      index >= layout.functionTypes.length ||
      hasPoints[index - importedFunctions] === 1
    const points = new Map<number, Set<number> | undefined>()
    if (choice === 'all') {
      const count = layout.functionTypes.length + graph.waits.length
      for (let index = 0; index < count; index++) if (hasTwin(index)) points.set(index, undefined)
    } else if (choice !== 'none' && choice !== 'open') {
      const ascending = [...choice].sort((a, b) => a.function - b.function)
      for (const { function: index, point } of ascending) {
        if (!hasTwin(index) || (points.has(index) && points.get(index) === undefined)) continue
        if (point === 'all') points.set(index, undefined)
        else points.set(index, (points.get(index) ?? new Set()).add(point))
      }
    }
    this.#points = points
    this.functions = [...points.keys()]
    if (choice === 'none') this.places = 0
    else this.places = choice === 'all' ? points.size : twinPlaces
    if (points.size > this.places) {
      throw new WasmshError(
        'ERR_WASMSH_COMPILE_LIMIT',
        `Twins of ${points.size} functions are over the limit of ${twinPlaces}`,
      )
    }
  }

  has(index: number): boolean {
    return this.#points.has(index)
  }

  /** The points at which the twin can be entered; undefined for all. */
  pointsOf(index: number): ReadonlySet<number> | undefined {
    return this.#points.get(index)
  }
}
