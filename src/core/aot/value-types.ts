import type { ValueType } from '../wasm-view.js'

/** Value types by their byte (core specification 5.3.1 to 5.3.4). */
export const i32 = 0x7f
export const i64 = 0x7e
export const f32 = 0x7d
export const f64 = 0x7c
export const v128 = 0x7b
export const funcref = 0x70
export const externref = 0x6f

/** No result, as a block type. */
export const emptyBlock = 0x40

const names: Readonly<Record<number, ValueType>> = {
  [i32]: 'i32',
  [i64]: 'i64',
  [f32]: 'f32',
  [f64]: 'f64',
  [v128]: 'v128',
  [funcref]: 'funcref',
  [externref]: 'externref',
}

/** Spells a value type as the text format does; undefined for a byte that is none. */
export function valueTypeName(type: number): ValueType | undefined {
  return names[type]
}

/** Types of a function, or of a block: parameters and results by their bytes. */
export interface Signature {
  readonly params: Uint8Array
  readonly results: Uint8Array
}

const none = new Uint8Array()
const singles = new Map<number, Signature>(
  Object.keys(names).map((byte) => [
    Number(byte),
    { params: none, results: Uint8Array.of(Number(byte)) },
  ]),
)
const empty: Signature = { params: none, results: none }

/** The signature of a block type as read by `s33`: an index of `types`, or a negative number that
 *  stands for one result or none. */
export function blockSignature(blockType: number, types: readonly Signature[]): Signature {
  if (blockType >= 0) return types[blockType] ?? empty
  return singles.get(blockType + 0x80) ?? empty
}
