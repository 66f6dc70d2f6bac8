import type { Comparison } from './alternate.js'
import type { Bench } from './bench.js'
import { compareCpu, meanOf, reportComparison } from './compare.js'
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
    reportComparison(
      context,
      'interpreter, geometric mean',
      'stock WAMR, our flags',
      meanOf(ratios),
      1.02,
    )
    const fast = await compareCpu(context, 'matrix', 'defaults')
    reportComparison(context, 'interpreter matrix', "iwasm's defaults (fast interpreter)", fast)
  },
}
