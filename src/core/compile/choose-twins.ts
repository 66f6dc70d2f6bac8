import type { StablePoints } from '../aot/stable-points.js'
import type { FramePoint } from '../aot/twin-list.js'

/** A function with so few points gets a twin for all of them: it fits more stacks than the one at
 *  hand, and is made once. Larger twins take long to make. */
const mostPoints = 64

/**
 * The twins to be made for a stack: of each function that is on it all points, or of a large one
 * those at hand. What was asked for before stays in, since a guest that is interpreted meanwhile may
 * come by it again. Ascending, so that equal wishes are equal.
 */
export function chooseTwins(
  frames: readonly FramePoint[],
  points: StablePoints,
  before: readonly FramePoint[],
): FramePoint[] {
  const chosen = new Map<string, FramePoint>()
  for (const { function: index, point } of [...before, ...frames]) {
    const count = points.of(index)?.points.length ?? 0
    const one: FramePoint = { function: index, point: count <= mostPoints ? 'all' : point }
    chosen.set(`${index} ${one.point}`, one)
  }
  const rank = ({ point }: FramePoint): number => (point === 'all' ? -1 : point)
  return [...chosen.values()].sort((a, b) => a.function - b.function || rank(a) - rank(b))
}
