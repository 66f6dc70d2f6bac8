import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shell } from '../src/index.js'
import { alternate, type Comparison } from './alternate.js'
import type { Bench, BenchContext } from './bench.js'
import { guestModule, kernels } from './guests.js'
import { stockSeconds } from './peers.js'

/** Speed of a guest that is not paused, against the same interpreter as it comes. */
export const interpreter: Bench = {
  name: 'interpreter',
  async run(context) {
    const ratios: Comparison[] = []
    for (const kernel of kernels) {
      const compared = await compare(context, kernel, 'ours')
      ratios.push(compared)
      report(context, `interpreter ${kernel}`, 'stock WAMR, our flags', compared, 1.02)
    }
    const mean = Math.exp(
      ratios.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / ratios.length,
    )
    report(
      context,
      'interpreter, geometric mean',
      'stock WAMR, our flags',
      meanOf(ratios, mean),
      1.02,
    )
    const fast = await compare(context, 'matrix', 'defaults')
    report(context, 'interpreter matrix', "iwasm's defaults (fast interpreter)", fast)
  },
}

/** Cost of a host call, against the same call in stock WAMR. */
export const hostCalls: Bench = {
  name: 'host-calls',
  async run(context) {
    const compared = await compare(context, 'clock', 'ours')
    report(context, 'host call clock_time_get, a million', 'stock WAMR', compared, 1.3)
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

function report(
  { report }: BenchContext,
  name: string,
  peer: string,
  { ours, ratio, interval, runs }: Comparison,
  goal?: number,
): void {
  report({ name, value: ours, unit: 's', peer, ratio, interval, runs, ...(goal ? { goal } : {}) })
}

async function compare(
  { shell, peers, directory }: BenchContext,
  guest: string,
  flags: 'ours' | 'defaults',
): Promise<Comparison> {
  const bytes = await guestModule(guest)
  const file = join(directory, `${guest}.wasm`)
  await writeFile(file, bytes)
  const runner = peers.stockRunner(flags)
  return await alternate(
    () => guestSeconds(shell, file),
    () => stockSeconds(runner, file),
  )
}

/** CPU seconds of this process while a guest runs from beginning to end. */
async function guestSeconds(shell: Shell, file: string): Promise<number> {
  const guest = await shell.run(file, {
    stdin: 'null',
    stdout: 'null',
    stderr: 'null',
    paused: true,
  })
  const before = process.cpuUsage()
  guest.resume()
  const outcome = await guest.wait({})
  const { user, system } = process.cpuUsage(before)
  if (outcome.kind !== 'ended') throw new Error(`${file} did not end but ${outcome.kind}`)
  return (user + system) / 1e6
}
