import { externref, f32, f64, funcref, i32, i64, v128 } from './value-types.js'

/**
 * What instructions of fixed type do to the operand stack, and how long their immediates are. The
 * module is valid, so operands need not be compared: how many are popped is all that matters.
 *
 * An entry is 0 where there is no such instruction, else
 * `known | pops << 8 | lebs << 12 | bytes << 16 | type of the result or 0`.
 */
export const known = 1 << 24

export const popsOf = (effect: number): number => (effect >> 8) & 15
/** Immediates that are LEB128. */
export const lebsOf = (effect: number): number => (effect >> 12) & 15
/** Bytes of immediates behind those. */
export const bytesOf = (effect: number): number => (effect >> 16) & 63
export const resultOf = (effect: number): number => effect & 0xff

type Row = readonly [first: number, last: number, pops: number, result: number]

function table(size: number, rows: readonly Row[], lebs = 0, bytes = 0): Int32Array {
  const effects = new Int32Array(size)
  for (const [first, last, pops, result] of rows) {
    effects.fill(known | (pops << 8) | (lebs << 12) | (bytes << 16) | result, first, last + 1)
  }
  return effects
}

/** Lays the entries of one table over those of another. */
function over(below: Int32Array, above: Int32Array): Int32Array {
  return below.map((effect, index) => above[index] || effect)
}

const memory: readonly Row[] = [
  [0x28, 0x28, 1, i32],
  [0x29, 0x29, 1, i64],
  [0x2a, 0x2a, 1, f32],
  [0x2b, 0x2b, 1, f64],
  [0x2c, 0x2f, 1, i32],
  [0x30, 0x35, 1, i64],
  [0x36, 0x3e, 2, 0],
]

const numeric: readonly Row[] = [
  [0x45, 0x45, 1, i32],
  [0x46, 0x4f, 2, i32],
  [0x50, 0x50, 1, i32],
  [0x51, 0x66, 2, i32],
  [0x67, 0x69, 1, i32],
  [0x6a, 0x78, 2, i32],
  [0x79, 0x7b, 1, i64],
  [0x7c, 0x8a, 2, i64],
  [0x8b, 0x91, 1, f32],
  [0x92, 0x98, 2, f32],
  [0x99, 0x9f, 1, f64],
  [0xa0, 0xa6, 2, f64],
  [0xa7, 0xab, 1, i32],
  [0xac, 0xb1, 1, i64],
  [0xb2, 0xb6, 1, f32],
  [0xb7, 0xbb, 1, f64],
  [0xbc, 0xbc, 1, i32],
  [0xbd, 0xbd, 1, i64],
  [0xbe, 0xbe, 1, f32],
  [0xbf, 0xbf, 1, f64],
  [0xc0, 0xc1, 1, i32],
  [0xc2, 0xc4, 1, i64],
  [0xd1, 0xd1, 1, i32],
]

/** Instructions of one byte whose typing is fixed. */
export const plainEffects = [
  table(256, memory, 2),
  table(256, numeric),
  // memory.size, memory.grow, i32.const, i64.const, f32.const, f64.const, nop, drop, ref.func.
  table(256, [[0x3f, 0x3f, 0, i32]], 1),
  table(256, [[0x40, 0x40, 1, i32]], 1),
  table(256, [[0x41, 0x41, 0, i32]], 1),
  table(256, [[0x42, 0x42, 0, i64]], 1),
  table(256, [[0x43, 0x43, 0, f32]], 0, 4),
  table(256, [[0x44, 0x44, 0, f64]], 0, 8),
  table(256, [[0x01, 0x01, 0, 0]]),
  table(256, [[0x1a, 0x1a, 1, 0]]),
  table(256, [[0xd2, 0xd2, 0, funcref]], 1),
  // table.set and global.set.
  table(256, [[0x26, 0x26, 2, 0]], 1),
  table(256, [[0x24, 0x24, 1, 0]], 1),
].reduce(over)

/** Behind 0xfc: saturating truncation, bulk memory, tables. */
export const miscEffects = [
  table(32, [
    [0, 3, 1, i32],
    [4, 7, 1, i64],
  ]),
  // memory.init, memory.copy, table.init, table.copy.
  table(
    32,
    [8, 10, 12, 14].map((code) => [code, code, 3, 0]),
    2,
  ),
  // data.drop, elem.drop, memory.fill, table.grow, table.size, table.fill.
  table(
    32,
    [
      [9, 9, 0, 0],
      [13, 13, 0, 0],
      [11, 11, 3, 0],
      [15, 15, 2, i32],
      [16, 16, 0, i32],
      [17, 17, 3, 0],
    ],
    1,
  ),
].reduce(over)

const vectorUnary = [
  [0x0f, 0x14],
  [0x4d, 0x4d],
  [0x5e, 0x62],
  [0x67, 0x6a],
  [0x74, 0x75],
  [0x7a, 0x7a],
  [0x7c, 0x81],
  [0x87, 0x8a],
  [0x94, 0x94],
  [0xa0, 0xa1],
  [0xa7, 0xaa],
  [0xc0, 0xc1],
  [0xc7, 0xca],
  [0xe0, 0xe1],
  [0xe3, 0xe3],
  [0xec, 0xed],
  [0xef, 0xef],
  [0xf8, 0xff],
] as const
const vectorTests = [0x53, 0x63, 0x64, 0x83, 0x84, 0xa3, 0xa4, 0xc3, 0xc4]

/** Behind 0xfd; most take two vectors and give one. */
export const vectorEffects = [
  table(256, [[0x0e, 0xff, 2, v128]]),
  table(
    256,
    vectorUnary.map(([first, last]) => [first, last, 1, v128]),
  ),
  table(
    256,
    vectorTests.map((code) => [code, code, 1, i32]),
  ),
  table(256, [[0x52, 0x52, 3, v128]]),
  table(256, [[0x0c, 0x0c, 0, v128]], 0, 16),
  table(256, [[0x0d, 0x0d, 2, v128]], 0, 16),
  // Loads, the store, loads that zero.
  table(256, [[0x00, 0x0a, 1, v128]], 2),
  table(256, [[0x0b, 0x0b, 2, 0]], 2),
  table(256, [[0x5c, 0x5d, 1, v128]], 2),
  // Lanes: extracted, replaced, loaded, stored.
  table(
    256,
    [
      [0x15, 0x16, 1, i32],
      [0x17, 0x17, 2, v128],
      [0x18, 0x19, 1, i32],
      [0x1a, 0x1a, 2, v128],
      [0x1b, 0x1b, 1, i32],
      [0x1c, 0x1c, 2, v128],
      [0x1d, 0x1d, 1, i64],
      [0x1e, 0x1e, 2, v128],
      [0x1f, 0x1f, 1, f32],
      [0x20, 0x20, 2, v128],
      [0x21, 0x21, 1, f64],
      [0x22, 0x22, 2, v128],
    ],
    0,
    1,
  ),
  table(256, [[0x54, 0x57, 2, v128]], 2, 1),
  table(256, [[0x58, 0x5b, 2, 0]], 2, 1),
].reduce(over)

/** The types of the seven widths of each atomic operation, in the order of their opcodes. */
const widths = [i32, i64, i32, i32, i64, i64, i64]
const atomicRows = (first: number, pops: number): readonly Row[] =>
  widths.map((type, index) => [first + index, first + index, pops, type])

/** Behind 0xfe. */
export const atomicEffects = [
  table(
    128,
    [
      [0, 0, 2, i32],
      [1, 2, 3, i32],
      ...atomicRows(0x10, 1),
      [0x17, 0x1d, 2, 0],
      // add, sub, and, or, xor, xchg; then cmpxchg.
      ...[0, 1, 2, 3, 4, 5].flatMap((operation) => atomicRows(0x1e + 7 * operation, 2)),
      ...atomicRows(0x48, 3),
    ],
    2,
  ),
  table(128, [[3, 3, 0, 0]], 0, 1),
].reduce(over)

/** Types that a reference can have. */
export const isReference = (type: number): boolean => type === funcref || type === externref
