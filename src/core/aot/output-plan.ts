import type { CallGraph } from './call-graph.js'
import { type HostImport, hostImports } from './interface-names.js'
import { definedFunctions, type ModuleLayout } from './module-layout.js'
import { TypeList } from './type-list.js'
import { funcref, i32, i64, type Signature } from './value-types.js'
import { type WaitShape, waitSignature } from './waits.js'

/** Types of the added imports. */
const importTypes: Readonly<Record<HostImport, readonly [readonly number[], readonly number[]]>> = {
  frame: [[i32, i32], []],
  spill: [[i64], []],
  frame_here: [[], []],
  enter: [[], [i32]],
  reload: [[i32], [i64]],
  reload_high: [[i32], [i64]],
  callee: [[], [i32]],
  function_index: [[funcref], [i32]],
  function_at: [[i32], [funcref]],
}

const spilling: readonly HostImport[] = [
  hostImports.frame,
  hostImports.spill,
  hostImports.frameHere,
]
const rebuilding: readonly HostImport[] = [
  hostImports.enter,
  hostImports.reload,
  hostImports.reloadHigh,
  hostImports.callee,
]

/** Most values that one call of a spill helper takes: on the CPUs that matter they fit in
 *  registers. */
export const mostSpilledAtOnce = 4

/**
 * The index spaces of the output. Functions: the module's imports, ours, the module's functions, a
 * stub a host function, a stub a shape of wait, the spill helpers, the entries, then the twins: all
 * in front of these has the same index and type whatever twins there are.
 */
export class OutputPlan {
  readonly types: TypeList
  readonly imports: readonly { readonly name: HostImport; readonly type: number }[]
  /** By how much functions with a body have moved. */
  readonly shift: number
  readonly pollGlobal: number
  readonly unwindingGlobal: number
  readonly twinTable: number
  /** Place of each kind of wait, by its text. */
  readonly #waitPlaces: ReadonlyMap<string, number>
  readonly #firstStub: number
  readonly #firstHelper: number
  /** The first function by which the host has a stack rebuilt. */
  readonly firstEntry: number
  /** Types that are the same in all builds of a module that have twins or places for them. */
  readonly sharedTypes: number
  /** Types of the spill helpers. */
  readonly helperTypes: readonly number[]

  constructor(
    readonly layout: ModuleLayout,
    readonly graph: CallGraph,
    /** Result types of the twins that there may be; undefined for a build without any. */
    readonly entries: readonly Uint8Array[] | undefined,
    usesFunctionReferences: boolean,
  ) {
    const withTwins = entries !== undefined
    this.types = new TypeList(layout.types)
    const names = [...spilling, ...(withTwins ? rebuilding : [])]
    if (usesFunctionReferences) {
      names.push(hostImports.functionIndex)
      if (withTwins) names.push(hostImports.functionAt)
    }
    this.imports = names.map((name) => ({ name, type: this.types.indexOf(...importTypes[name]) }))
    this.shift = this.imports.length
    this.pollGlobal = layout.globalTypes.length
    this.unwindingGlobal = layout.globalTypes.length + 1
    this.twinTable = layout.tableTypes.length
    this.#waitPlaces = new Map(graph.waits.map((wait, place) => [keyOf(wait), place]))
    const { importedFunctions } = layout
    this.#firstStub = importedFunctions + this.shift + definedFunctions(layout)
    this.#firstHelper = this.#firstStub + importedFunctions + graph.waits.length
    this.firstEntry = this.#firstHelper + 1 + mostSpilledAtOnce
    for (const { width } of graph.waits) {
      const { params, results } = waitSignature(width)
      this.types.indexOf(params, results)
    }
    this.helperTypes = [
      this.types.indexOf([i32, i32], []),
      ...Array.from({ length: mostSpilledAtOnce }, (_, more) =>
        this.types.indexOf(new Array<number>(more + 1).fill(i64), []),
      ),
    ]
    for (const results of entries ?? []) this.types.indexOf([], results)
    this.sharedTypes = this.types.count
  }

  /** Index of one of our imports. */
  hostImport(name: HostImport): number {
    const place = this.imports.findIndex((one) => one.name === name)
    if (place < 0) throw new Error(`${name} is not imported in this build`)
    return this.layout.importedFunctions + place
  }

  /** Where a function of the module is called: a host function through its stub. */
  functionIndex(original: number): number {
    const { importedFunctions } = this.layout
    return original < importedFunctions ? this.#firstStub + original : original + this.shift
  }

  waitStub(shape: WaitShape): number {
    return this.#firstStub + this.layout.importedFunctions + this.#waitPlace(shape)
  }

  /** Functions that spill: the one that begins a frame, then those that take 1 to 4 values. */
  get frameHelper(): number {
    return this.#firstHelper
  }

  spillHelper(values: number): number {
    return this.#firstHelper + values
  }

  /** Number by which frames name a stub: a host function by its own index, a shape of wait by one
   *  behind the module's functions. */
  waitFrame(shape: WaitShape): number {
    return this.layout.functionTypes.length + this.#waitPlace(shape)
  }

  #waitPlace(shape: WaitShape): number {
    const place = this.#waitPlaces.get(keyOf(shape))
    if (place === undefined) throw new Error('a kind of wait is not known')
    return place
  }

  /** Type of the twins of functions with such results. */
  twinType({ results }: Pick<Signature, 'results'>): number {
    return this.types.indexOf([], results)
  }
}

function keyOf({ width, offset }: WaitShape): string {
  return `${width} ${offset}`
}
