import { nativeCall, WasmshError } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeEngine, NativeValue } from '../native.js'
import { formatValue, nullReference } from '../value/value.js'
import type { ValueType } from '../wasm-view.js'
import type {
  ElementInfo,
  FrameInfo,
  GlobalInfo,
  LocalInfo,
  OperandInfo,
  TableInfo,
  TypedValue,
} from './inspect.js'

/** A guest as native code knows it. */
export interface GuestHandle {
  readonly engine: NativeEngine
  readonly id: number
  readonly name: string
  readonly module: Module
}

/** Main thread of a guest. */
export const mainThread = 0

const valueTypes: readonly string[] = ['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref']

function isValueType(type: string): type is ValueType {
  return valueTypes.includes(type)
}

/** Checks a type name that native code gave. */
export function toValueType(type: string): ValueType {
  if (isValueType(type)) return type
  throw new WasmshError('ERR_WASMSH_INTERNAL', `Native code named an unknown value type "${type}"`)
}

/** Gives a value of native code its text. */
export function toTypedValue(value: NativeValue): TypedValue {
  const type = toValueType(value.type)
  return { type, bits: value.bits, text: formatValue(type, value.bits) }
}

/** Calls the engine about a guest; errors name it. */
export function ask<Result>(guest: GuestHandle, call: (id: number) => Result): Result {
  return nativeCall(() => call(guest.id), { guest: guest.name })
}

/** Frames from the innermost, 0; at most `count` from `first`. */
export function readFrames(guest: GuestHandle, first: number, count: number): readonly FrameInfo[] {
  const frames = ask(guest, (id) => guest.engine.frames(id, mainThread, first, count))
  return frames.map((frame, index) => ({
    frame: first + index,
    function: frame.function,
    name: guest.module.functionName(frame.function),
    pc: frame.pc,
    localCount: frame.localCount,
    operandCount: frame.operandCount,
  }))
}

/**
 * One frame.
 *
 * @throws WasmshError ERR_WASMSH_FRAME_UNKNOWN, ERR_WASMSH_COMPILED_TRAP
 */
export function readFrame(guest: GuestHandle, frame: number): FrameInfo {
  const isIndex = Number.isInteger(frame) && frame >= 0
  const [found] = isIndex ? readFrames(guest, frame, 1) : []
  if (found !== undefined) return found
  const { frameCount } = ask(guest, (id) => guest.engine.info(id))
  requireFrames(frameCount)
  throw new WasmshError(
    'ERR_WASMSH_FRAME_UNKNOWN',
    `Frame ${frame} does not exist: guest "${guest.name}" has ${frameCount} frames`,
    { guest: guest.name },
  )
}

/**
 * Refuses what needs a frame of a guest that has none left.
 *
 * @throws WasmshError ERR_WASMSH_COMPILED_TRAP
 */
export function requireFrames(frameCount: number): void {
  if (frameCount > 0) return
  throw new WasmshError(
    'ERR_WASMSH_COMPILED_TRAP',
    'The guest trapped in compiled code, which leaves no frames',
  )
}

export function readLocals(guest: GuestHandle, frame: number): readonly LocalInfo[] {
  const { function: index } = readFrame(guest, frame)
  const described = guest.module.function(index)
  const values = ask(guest, (id) => guest.engine.locals(id, mainThread, frame))
  return values.map((value, local) => ({
    index: local,
    name: described.locals[local]?.name ?? '',
    isParameter: local < described.params.length,
    isAvailable: value.available,
    ...toTypedValue(value),
  }))
}

export function readOperands(guest: GuestHandle, frame: number): readonly OperandInfo[] {
  readFrame(guest, frame)
  const values = ask(guest, (id) => guest.engine.operands(id, mainThread, frame))
  return values.map((value, index) => ({ index, ...toTypedValue(value) }))
}

export function readGlobals(guest: GuestHandle): readonly GlobalInfo[] {
  const { globals } = guest.module.description
  return ask(guest, (id) => guest.engine.globals(id)).map((value, index) => ({
    index,
    name: globals[index]?.name ?? '',
    isMutable: globals[index]?.mutable ?? false,
    ...toTypedValue(value),
  }))
}

export function readTables(guest: GuestHandle): readonly TableInfo[] {
  const { tables } = guest.module.description
  return ask(guest, (id) => guest.engine.tableSizes(id)).map((size, index) => ({
    index,
    type: tables[index]?.type ?? 'funcref',
    size,
    max: tables[index]?.max ?? null,
  }))
}

/** Elements of a table from `first`, at most `count`. */
export function readElements(
  guest: GuestHandle,
  table: number,
  first: number,
  count: number,
): readonly ElementInfo[] {
  const elements = ask(guest, (id) => guest.engine.tableElements(id, table, first, count))
  return elements.map((bits, index) => ({
    index: first + index,
    function: bits === nullReference ? null : Number(bits),
    name: bits === nullReference ? '' : guest.module.functionName(Number(bits)),
  }))
}
