import type { Comparison } from './alternate.js'
import type { Bench } from './bench.js'
import { compareCpu, reportComparison } from './compare.js'
import { kernels } from './guests.js'

/** Speed of a guest that is not paused, against the same interpreter as it comes. */
export const interpreter: Bench = {
  name: 'interpreter',
  async run(context) {
    const ratios: Comparison[] = []
    for (const kernel of kernels) {
      const compared = await compareCpu(context, kernel, 'ours')
      ratios.push(compared)
      reportComparison(context, `interpreter ${kernel}`, 'stock WAMR, our flags', compared, 1.02)
    }
    const mean = Math.exp(
      ratios.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / ratios.length,
    )
    reportComparison(
      context,
      'interpreter, geometric mean',
      'stock WAMR, our flags',
      meanOf(ratios, mean),
      1.02,
    )
    const fast = await compareCpu(context, 'matrix', 'defaults')
    reportComparison(context, 'interpreter matrix', "iwasm's defaults (fast interpreter)", fast)
  },
}

function meanOf(all: readonly Comparison[], ratio: number): Comparison {
  // Errors of the kernels are independent: their squares add up.
  const half = (one: Comparison) => Math.log(one.interval[1] / one.ratio)
  const width = Math.sqrt(all.reduce((sum, one) => sum + half(one) ** 2, 0)) / all.length
  return {
    ours: all.reduce((sum, one) => sum + one.ours, 0),
    ratio,
    interval: [ratio * Math.exp(-width), ratio * Math.exp(width)],
    runs: all.reduce((sum, one) => sum + one.runs, 0),
  }
}
