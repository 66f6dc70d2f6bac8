import type { Points } from './sweep-job.js'

/** Positions from 0 to `last`, ascending and different. */
export function choosePoints(points: Points, last: number): readonly number[] {
  if (points === 'all' || points.count > last) {
    return Array.from({ length: last + 1 }, (_, position) => position)
  }
  const chosen = new Set<number>()
  const random = randomNumbers(points.seed)
  while (chosen.size < points.count) chosen.add(Math.floor(random() * (last + 1)))
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
