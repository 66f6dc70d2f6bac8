import { WasmshError } from '../errors.js'
import type { ValueType } from '../wasm-view.js'
import { ByteReader } from './byte-reader.js'
import { IntList } from './int-list.js'
import { calleeKind, pointKind, tableMagic, tableVersion } from './point-table-format.js'
import { valueTypeName } from './value-types.js'
import type { WaitShape } from './waits.js'

/** What a call calls, as far as the module says it. */
export type Callee =
  /** Number of a function or of a kind of wait, as frames have it. */
  | { readonly kind: 'function'; readonly function: number }
  | { readonly kind: 'indirect'; readonly type: number }

/** A place where compiled code can stop and go on. */
export interface StablePoint {
  /** Number in its function, from 0. */
  readonly number: number
  /** Byte offset of the next instruction in the original module, as in a frame of the wasm view. */
  readonly pc: number
  readonly kind: 'entry' | 'loop' | 'call'
  /** Locals that are spilled, ascending. The others will not be read before they are set. */
  readonly live: readonly number[]
  /** Types of the whole operand stack; behind a call with its results. */
  readonly operands: readonly ValueType[]
  /** Calls: length of the instruction, number of results on top, and what is called. */
  readonly call?: { readonly length: number; readonly results: number; readonly callee: Callee }
}

export interface FunctionStablePoints {
  readonly params: number
  /** Types, parameters first. */
  readonly locals: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly points: readonly StablePoint[]
}

/** A call of the host, or a wait, that has begun. */
export type HostFrame = { readonly params: readonly ValueType[] } & (
  | { readonly kind: 'call'; readonly import: number }
  | ({ readonly kind: 'wait' } & WaitShape)
)

/**
 * The stable points of a module: the same for every CPU, every optimisation level and every option of
 * the pass. Functions are read when they are asked for.
 */
export class StablePoints {
  /** Functions of the original module, imported ones first. A kind of wait is numbered behind. */
  readonly functions: number
  readonly importedFunctions: number
  readonly waits: readonly WaitShape[]
  /** Parameter types of each imported function. */
  readonly #importParams: readonly (readonly ValueType[])[]
  readonly #bytes: Uint8Array
  /** By function: where its entry is, start and end. */
  readonly #places = new Map<number, readonly [number, number]>()
  readonly #read = new Map<number, FunctionStablePoints>()

  /** @throws WasmshError ERR_WASMSH_POINTS_INVALID for bytes that are no table of this version */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    const reader = new ByteReader(bytes)
    const [functions, importParams, waits] = guarded(() => {
      for (const byte of [...tableMagic, tableVersion]) if (reader.byte() !== byte) throw invalid()
      return [reader.u32(), readImports(reader), readWaits(reader)] as const
    })
    this.functions = functions
    this.importedFunctions = importParams.length
    this.#importParams = importParams
    this.waits = waits
    guarded(() => this.#readPlaces(reader))
  }

  /** Indices of the functions that have stable points, ascending. */
  suspendable(): IterableIterator<number> {
    return this.#places.keys()
  }

  /** The stable points of a function; undefined for one that cannot be suspended. */
  of(functionIndex: number): FunctionStablePoints | undefined {
    const place = this.#places.get(functionIndex)
    if (place === undefined) return undefined
    const known = this.#read.get(functionIndex)
    if (known !== undefined) return known
    const points = guarded(() => readFunction(new ByteReader(this.#bytes, ...place)))
    this.#read.set(functionIndex, points)
    return points
  }

  /** The point of a frame that is about to execute the instruction at a pc. */
  at(functionIndex: number, pc: number): StablePoint | undefined {
    return this.of(functionIndex)?.points.find((point) => point.pc === pc)
  }

  /** The call whose instruction begins at a pc. Where a host function or a wait is called, a frame in
   *  front of the instruction is one that waits at this point, under a frame of the host that holds
   *  the arguments. */
  callAt(functionIndex: number, pc: number): StablePoint | undefined {
    return this.of(functionIndex)?.points.find(({ pc: behind, call }) => {
      return call !== undefined && behind - call.length === pc
    })
  }

  /** What a frame without code stands for: a call of the host in progress, or a wait. Its values are
   *  the arguments. Undefined for the number of a function with a body. */
  hostFrame(number: number): HostFrame | undefined {
    const params = this.#importParams[number]
    if (params !== undefined) return { kind: 'call', import: number, params }
    const wait = this.waits[number - this.functions]
    if (wait === undefined) return undefined
    const expected = wait.width === 32 ? 'i32' : 'i64'
    return { kind: 'wait', ...wait, params: ['i32', expected, 'i64'] }
  }

  #readPlaces(reader: ByteReader): void {
    let index = 0
    for (let left = reader.u32(); left > 0; left--) {
      index += reader.u32()
      const length = reader.u32()
      this.#places.set(index, [reader.position, reader.position + length])
      reader.skip(length)
    }
    if (!reader.atEnd) throw invalid()
  }
}

function readImports(reader: ByteReader): ValueType[][] {
  const imports: ValueType[][] = []
  for (let left = reader.u32(); left > 0; left--)
    imports.push(Array.from(reader.vector(), typeName))
  return imports
}

function readWaits(reader: ByteReader): WaitShape[] {
  const waits: WaitShape[] = []
  for (let left = reader.u32(); left > 0; left--) {
    waits.push({ width: reader.byte() === 32 ? 32 : 64, offset: reader.u32() })
  }
  return waits
}

function readFunction(reader: ByteReader): FunctionStablePoints {
  const params = reader.u32()
  const locals: ValueType[] = []
  for (let runs = reader.u32(); runs > 0; runs--) {
    const count = reader.u32()
    const type = typeName(reader.byte())
    if (count > mostLocals - locals.length) throw invalid()
    for (let one = 0; one < count; one++) locals.push(type)
  }
  const results = Array.from(reader.vector(), typeName)
  const points: StablePoint[] = []
  const count = reader.u32()
  let pc = 0
  for (let number = 0; number < count; number++) {
    pc += reader.u32()
    points.push(readPoint(reader, number, pc, locals.length))
  }
  if (!reader.atEnd) throw invalid()
  return { params, locals, results, points }
}

const mostLocals = 50_000

function readPoint(reader: ByteReader, number: number, pc: number, locals: number): StablePoint {
  const operands = Array.from(reader.vector(), typeName)
  const kind = reader.byte()
  const call = kind === pointKind.call ? readCall(reader) : undefined
  const live = new IntList()
  let local = 0
  for (let left = reader.u32(); left > 0; left--) {
    local += reader.u32()
    if (local >= locals) throw invalid()
    live.push(local)
  }
  const name = kind === pointKind.entry ? 'entry' : kind === pointKind.loop ? 'loop' : 'call'
  const point = { number, pc, kind: name, live: [...live.toArray()], operands } as const
  return call === undefined ? point : { ...point, call }
}

function readCall(reader: ByteReader): NonNullable<StablePoint['call']> {
  const length = reader.u32()
  const results = reader.u32()
  const isIndirect = reader.byte() === calleeKind.indirect
  const what = reader.u32()
  const callee: Callee = isIndirect
    ? { kind: 'indirect', type: what }
    : { kind: 'function', function: what }
  return { length, results, callee }
}

function typeName(byte: number): ValueType {
  const name = valueTypeName(byte)
  if (name === undefined) throw invalid()
  return name
}

function invalid(): WasmshError {
  return new WasmshError(
    'ERR_WASMSH_POINTS_INVALID',
    'The table of stable points is damaged or of another version',
  )
}

/** Whatever a reader has to say about damaged bytes becomes one error. */
function guarded<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof WasmshError) throw invalid()
    throw error
  }
}
