/** Vectors as the text format spells them: "i32x4 1 2 3 4", lane 0 first.
 *  See https://webassembly.github.io/spec/core/text/instructions.html#vector-instructions */

/** How a v128 can be written: the type of a lane in text, its bits, and how many there are. */
const shapes = {
  i8x16: { lane: 'i8', width: 8 },
  i16x8: { lane: 'i16', width: 16 },
  i32x4: { lane: 'i32', width: 32 },
  i64x2: { lane: 'i64', width: 64 },
  f32x4: { lane: 'f32', width: 32 },
  f64x2: { lane: 'f64', width: 64 },
} as const

type Shape = keyof typeof shapes

export type LaneType = (typeof shapes)[Shape]['lane']

/** What a hint says of vectors. */
export const vectorHint = 'Write a v128 as 0x and up to 32 hex digits, or as "i32x4 1 2 3 4".'

/**
 * The bits of a vector in this spelling; undefined when it is none, or has another number of lanes.
 *
 * @param parseLane gives the bits of one lane, or throws
 */
export function parseVector(
  text: string,
  parseLane: (type: LaneType, width: number, text: string) => bigint,
): bigint | undefined {
  const [name = '', ...lanes] = text.split(/[\s,]+/, 18)
  if (!Object.hasOwn(shapes, name)) return undefined
  const { lane, width } = shapes[name as Shape]
  if (lanes.length !== 128 / width) return undefined
  return lanes.reduce(
    (bits, one, at) => bits | (parseLane(lane, width, one) << BigInt(at * width)),
    0n,
  )
}
