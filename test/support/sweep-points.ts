import type { PointSet, Points, Reference } from './sweep-job.js'

/** Pause points of a run, ascending and different. */
export function choosePoints(
  points: Points,
  run: Pick<Reference, 'first' | 'last' | 'hostCalls'>,
): readonly number[] {
  if (typeof points === 'string') return pointsOf(points, run)
  const { count, seed, of = 'all' } = points
  const { first, last } = run
  if (of === 'all' && count <= last - first) {
    return chooseBelow(last + 1 - first, count, seed).map((index) => first + index)
  }
  const every = pointsOf(of, run)
  if (count >= every.length) return every
  return chooseBelow(every.length, count, seed).map((index) => every[index] ?? 0)
}

function pointsOf(
  set: PointSet,
  { first, last, hostCalls }: Pick<Reference, 'first' | 'last' | 'hostCalls'>,
): readonly number[] {
  if (set === 'all') return Array.from({ length: last + 1 - first }, (_, index) => first + index)
  const around = new Set(hostCalls.flatMap((behind) => [behind - 1, behind]))
  return [...around]
    .filter((position) => position >= first && position <= last)
    .sort((a, b) => a - b)
}

/** That many of the numbers from 0 to before `end`, ascending. */
function chooseBelow(end: number, count: number, seed: number): readonly number[] {
  const chosen = new Set<number>()
  const random = randomNumbers(seed)
  while (chosen.size < count) chosen.add(Math.floor(random() * end))
  return [...chosen].sort((a, b) => a - b)
}

/** A generator of numbers in [0, 1), the same for a seed (SplitMix32, two words a number). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  return () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53
}
