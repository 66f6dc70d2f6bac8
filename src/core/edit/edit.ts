import type { ValueType } from '../wasm-view.js'

/** How a place in linear memory is read: little-endian, without regard to alignment. */
export const memoryTypes = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'u64',
  'i64',
  'f32',
  'f64',
] as const

export type MemoryType = (typeof memoryTypes)[number]

/** A place in a paused guest that can be changed. Frames are numbered from the innermost, 0. */
export type EditTarget =
  | { readonly kind: 'local'; readonly index: number | string; readonly frame?: number }
  /** Counted from the bottom of that frame's operands. */
  | { readonly kind: 'operand'; readonly index: number; readonly frame?: number }
  | { readonly kind: 'global'; readonly index: number | string }
  | { readonly kind: 'table'; readonly table: number; readonly index: number }
  | { readonly kind: 'memory'; readonly type: MemoryType; readonly address: bigint }
  | { readonly kind: 'bytes'; readonly address: bigint }
  /** Of the innermost frame. */
  | { readonly kind: 'pc' }

/** One change of a guest or of a stored snapshot; kept in the manifest. */
export interface Edit {
  /** "local 3", "stack 0", "global 1", "table 0[2]", "u32[0x100]", "bytes[0x100]", "pc"; of what a
   *  plugin keeps "files.fd[4].offset". */
  readonly target: string
  readonly type: ValueType | MemoryType | 'bytes' | 'pc' | 'resource'
  /** Old and new value as text that parses without loss (core/value.ts); bytes as hex. */
  readonly old: string
  readonly new: string
  /** Of locals, operands and pc: frame counted from the innermost, and its function. */
  readonly frame?: number
  readonly function?: number
}
