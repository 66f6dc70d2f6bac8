import type { SuspendableModule } from '../../src/core/aot/instrument.js'
import {
  hostImports,
  hostModule,
  pollGlobal,
  resumeExport,
  startExport,
  stateExports,
  undoneBit,
  unwindingGlobal,
} from '../../src/core/aot/interface-names.js'
import { StablePoints } from '../../src/core/aot/stable-points.js'
import type { ValueType } from '../../src/core/wasm-view.js'
import {
  type V8Exports,
  type V8Function,
  type V8Global,
  type V8Imports,
  type V8Memory,
  type V8Table,
  type V8Value,
  v8,
} from './v8.js'

/** A frame as the pass spills it. */
export interface SpilledFrame {
  readonly function: number
  readonly point: number
  readonly values: readonly bigint[]
}

/** A guest's state outside of its frames, free of the instance that it was read from. */
export interface SpilledState {
  readonly memory: Uint8Array | undefined
  /** Bits of the mutable globals by index; references as function indices. */
  readonly globals: ReadonlyMap<number, readonly bigint[]>
  /** Function index, or -1, a table. */
  readonly tables: readonly (readonly number[])[]
}

/** What a call of the guest came to. */
export type Turn =
  | { readonly kind: 'returned'; readonly values: readonly V8Value[] }
  /** Innermost frame first. */
  | { readonly kind: 'suspended'; readonly frames: readonly SpilledFrame[] }

/** The host of a suspendable module in Node's own engine: the imports of the pass, and state in and
 *  out of instances. */
export class SuspendedGuest {
  readonly points: StablePoints
  readonly exports: V8Exports
  readonly #built: SuspendableModule
  /** Outermost first, while a stack is rebuilt. */
  #rebuilding: SpilledFrame[] = []
  #taken = 0
  #slots = new Map<number, readonly [bigint, bigint]>()
  #spilled: { function: number; point: number; values: bigint[] }[] = []
  #indices = new Map<object, number>()

  /** @param imports made for this instance */
  constructor(built: SuspendableModule, module: object, imports: V8Imports, points?: StablePoints) {
    this.#built = built
    this.points = points ?? new StablePoints(built.points)
    const instance = new v8.Instance(module, { ...imports, [hostModule]: this.#hostImports() })
    this.exports = instance.exports
    const functions = this.#table(stateExports.functions)
    for (let index = 0; index < functions.length; index++) {
      const one = functions.get(index)
      if (one !== null) this.#indices.set(one, index)
    }
  }

  /** Calls an export, or the start function. */
  call(name: string | undefined, values: readonly V8Value[]): Turn {
    return this.#turn(this.exports[name ?? startExport] as V8Function, values)
  }

  /** Rebuilds a stack and goes on. */
  resume(frames: readonly SpilledFrame[]): Turn {
    this.#rebuilding = [...frames].reverse()
    this.#taken = 0
    const [outermost] = this.#rebuilding
    if (outermost === undefined) throw new Error('there is no frame')
    const entry = resumeExport(this.#resultsOf(outermost.function))
    const turn = this.#turn(this.exports[entry] as V8Function, [])
    if (this.#taken !== this.#rebuilding.length) {
      throw new Error(`${this.#taken} of ${this.#rebuilding.length} frames were taken`)
    }
    return turn
  }

  /** Asks for a stop at the next stable point; at every one as long as it is not taken back. */
  set request(isWanted: boolean) {
    const value = isWanted ? 1 : 0
    this.#global(pollGlobal).value = value
    this.#global(unwindingGlobal).value = value
  }

  /** Says that the host call that is about to return was not performed. */
  undo(): void {
    this.#global(pollGlobal).value = 1 | undoneBit
    this.#global(unwindingGlobal).value = 1 | undoneBit
  }

  state(): SpilledState {
    const memory = this.exports[stateExports.memory] as V8Memory | undefined
    const globals = new Map<number, readonly bigint[]>()
    const tables: number[][] = []
    for (const [name, one] of Object.entries(this.exports)) {
      const [kind, number] = name.replace('wasmsh:', '').split(':')
      if (kind === 'read') {
        const bits = [(one as V8Function)()].flat() as bigint[]
        globals.set(Number(number), bits)
      } else if (kind === 'global') {
        const { value } = one as V8Global
        globals.set(Number(number), [BigInt(this.#indexOf(value as object | null))])
      }
      if (kind === 'table') {
        const table = one as V8Table
        tables[Number(number)] = Array.from({ length: table.length }, (_, index) =>
          this.#indexOf(table.get(index)),
        )
      }
    }
    const bytes = memory === undefined ? undefined : new Uint8Array(memory.buffer).slice()
    return { memory: bytes, globals, tables }
  }

  setState({ memory, globals, tables }: SpilledState): void {
    if (memory !== undefined) {
      const own = this.exports[stateExports.memory] as V8Memory
      const missing = memory.length - own.buffer.byteLength
      if (missing > 0) own.grow(missing / 65536)
      new Uint8Array(own.buffer).set(memory)
    }
    for (const [index, bits] of globals) {
      const write = this.exports[stateExports.writeGlobal(index)] as V8Function | undefined
      if (write !== undefined) write(...bits)
      else this.#global(stateExports.global(index)).value = this.#function(Number(bits[0]))
    }
    for (const [index, elements] of tables.entries()) {
      const table = this.#table(stateExports.table(index))
      if (table.length < elements.length) table.grow(elements.length - table.length, null)
      for (const [at, element] of elements.entries()) {
        table.set(at, this.#function(element))
      }
    }
  }

  #turn(call: V8Function, values: readonly V8Value[]): Turn {
    this.#spilled = []
    const result = call(...values)
    if (this.#spilled.length > 0) return { kind: 'suspended', frames: this.#spilled }
    return { kind: 'returned', values: Array.isArray(result) ? result : [result] }
  }

  #hostImports(): Record<string, V8Function> {
    return {
      [hostImports.frame]: (frame, point) => {
        // The undone call is on record now; what follows is an ordinary unwinding.
        this.#global(unwindingGlobal).value = 1
        this.#spilled.push({ function: Number(frame), point: Number(point), values: [] })
        return undefined
      },
      [hostImports.spill]: (value) => {
        this.#spilled.at(-1)?.values.push(BigInt.asUintN(64, value as bigint))
        return undefined
      },
      [hostImports.frameHere]: () => {
        throw new Error('the pass writes no call of it')
      },
      [hostImports.enter]: () => this.#enter(),
      [hostImports.reload]: (slot) => BigInt.asIntN(64, this.#slots.get(Number(slot))?.[0] ?? 0n),
      [hostImports.reloadHigh]: (slot) =>
        BigInt.asIntN(64, this.#slots.get(Number(slot))?.[1] ?? 0n),
      [hostImports.callee]: () => {
        const next = this.#rebuilding[this.#taken]
        return next === undefined ? -1 : this.#built.build.twins.indexOf(next.function)
      },
      [hostImports.functionIndex]: (reference) => this.#indexOf(reference as object | null),
      [hostImports.functionAt]: (index) => this.#function(Number(index)),
    }
  }

  /** Takes the next frame: its values by slot. Those of a frame that waits for another do not hold
   *  the results of the call. */
  #enter(): number {
    const frame = this.#rebuilding[this.#taken++]
    if (frame === undefined) throw new Error('there is no further frame')
    this.#slots = new Map()
    const { live, types, locals } = slotsOf(this.points, frame)
    let at = 0
    for (const [index, type] of types.entries()) {
      const slot = live[index] ?? locals + index - live.length
      const low = frame.values[at++] ?? 0n
      this.#slots.set(slot, [low, type === 'v128' ? (frame.values[at++] ?? 0n) : 0n])
    }
    if (at !== frame.values.length) {
      throw new Error(`function ${frame.function} spilled ${frame.values.length} values, not ${at}`)
    }
    return frame.point
  }

  #resultsOf(frame: number): readonly string[] {
    const { importedFunctions, functions } = this.points
    if (frame < importedFunctions || frame >= functions) {
      throw new Error('the outermost frame is one of the host')
    }
    return this.points.of(frame)?.results ?? []
  }

  #function(index: number): object | null {
    const functions = this.#table(stateExports.functions)
    return index < 0 || index >= functions.length ? null : functions.get(index)
  }

  /** Index of a function that the guest refers to; -1 for null. */
  #indexOf(reference: object | null): number {
    if (reference === null) return -1
    const index = this.#indices.get(reference)
    if (index === undefined) throw new Error('a reference is to no function of the guest')
    return index
  }

  #global(name: string): V8Global {
    return this.exports[name] as V8Global
  }

  #table(name: string): V8Table {
    return this.exports[name] as V8Table
  }
}

/** Which locals a frame holds, and the types of all its values in their order. */
export function slotsOf(
  points: StablePoints,
  frame: SpilledFrame,
): {
  readonly live: readonly number[]
  readonly types: readonly ValueType[]
  readonly locals: number
} {
  const host = points.hostFrame(frame.function)
  if (host !== undefined) {
    const { params } = host
    return { live: params.map((_, index) => index), types: params, locals: params.length }
  }
  const own = points.of(frame.function)
  const point = own?.points[frame.point]
  if (own === undefined || point === undefined) {
    throw new Error(`function ${frame.function} has no point ${frame.point}`)
  }
  const types = [...point.live.map((local) => own.locals[local] ?? 'i32'), ...point.operands]
  return { live: point.live, types, locals: own.locals.length }
}
