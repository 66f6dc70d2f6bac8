import { median } from './figure.js'

/** Two-sided 97.5 % points of Student's t for small samples, by degrees of freedom from 1. */
const studentT = [12.7, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14]

export interface Comparison {
  readonly ours: number
  readonly ratio: number
  readonly interval: readonly [number, number]
  readonly runs: number
}

export interface AlternateOptions {
  readonly minRuns?: number
  readonly maxRuns?: number
  /** Half the width of the interval, as a share of the ratio, at which it is narrow enough. */
  readonly tolerance?: number
}

/**
 * Runs ours and the peer in turns until the 95 % interval of the ratio of their times is narrow
 * enough to tell, or the runs are used up. The ratio is the geometric mean over the pairs: noise of
 * the machine hits both of a pair alike.
 */
export async function alternate(
  ours: () => Promise<number> | number,
  peer: () => Promise<number> | number,
  { minRuns = 5, maxRuns = 15, tolerance = 0.015 }: AlternateOptions = {},
): Promise<Comparison> {
  const times: number[] = []
  const logs: number[] = []
  for (;;) {
    // The order changes from pair to pair, so that neither always runs on the warmer machine.
    const first = logs.length % 2 === 0
    const a = first ? await ours() : undefined
    const b = await peer()
    const time = a ?? (await ours())
    times.push(time)
    logs.push(Math.log(time / b))
    if (logs.length < minRuns) continue
    const { mean, half } = interval(logs)
    if (half > tolerance && logs.length < maxRuns) continue
    return {
      ours: median(times),
      ratio: Math.exp(mean),
      interval: [Math.exp(mean - half), Math.exp(mean + half)],
      runs: logs.length,
    }
  }
}

function interval(logs: readonly number[]): { mean: number; half: number } {
  const count = logs.length
  const mean = logs.reduce((sum, value) => sum + value, 0) / count
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const t = studentT[count - 2] ?? 2
  return { mean, half: t * Math.sqrt(variance / count) }
}
