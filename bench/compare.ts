import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guest, RunOptions, Shell } from '../src/index.js'
import { alternate, type Comparison } from './alternate.js'
import type { BenchContext } from './bench.js'
import { guestModule } from './guests.js'
import { stockSeconds } from './peers.js'

/** Reports seconds of ours against a peer's. */
export function reportComparison(
  { report }: BenchContext,
  name: string,
  peer: string,
  { ours, ratio, interval, runs }: Comparison,
  goal?: number,
): void {
  report({ name, value: ours, unit: 's', peer, ratio, interval, runs, ...(goal ? { goal } : {}) })
}

/** CPU time of a guest of this folder, against stock WAMR; the context's directory is its
 *  descriptor 3. */
export async function compareCpu(
  context: BenchContext,
  guest: string,
  flags: 'ours' | 'defaults',
): Promise<Comparison> {
  const { shell, peers, directory } = context
  const file = await guestFile(context, guest)
  const runner = peers.stockRunner(flags)
  return await alternate(
    () => guestSeconds(shell, file, directory),
    () => stockSeconds(runner, file, directory),
  )
}

/** Compiles a guest of this folder into the context's directory. */
export async function guestFile(
  { directory }: BenchContext,
  guest: string,
  turns = 1,
): Promise<string> {
  const file = join(directory, `${guest}.wasm`)
  await writeFile(file, await guestModule(guest, turns))
  return file
}

/** CPU seconds of this process while a guest runs from beginning to end. */
export async function guestSeconds(
  shell: Shell,
  file: string,
  directory: string,
  options: RunOptions = {},
): Promise<number> {
  const guest = await startGuest(shell, file, directory, { ...options, paused: true })
  const before = process.cpuUsage()
  guest.resume()
  return await secondsToEnd(guest, file, before)
}

/** Starts a guest for a measurement, the directory as its descriptor 3. */
export async function startGuest(
  shell: Shell,
  file: string,
  directory: string,
  options: RunOptions,
): Promise<Guest> {
  return await shell.run(file, {
    dirs: [{ host: directory, guest: '/' }],
    stdin: 'null',
    stdout: 'null',
    stderr: 'null',
    ...options,
  })
}

/** CPU seconds of this process since `before`, once the guest has ended well. */
export async function secondsToEnd(
  guest: Guest,
  file: string,
  before: NodeJS.CpuUsage,
): Promise<number> {
  const outcome = await guest.wait({})
  const { user, system } = process.cpuUsage(before)
  if (outcome.kind !== 'ended' || outcome.code !== 0) {
    throw new Error(`${file} did not end well: ${JSON.stringify(outcome)}`)
  }
  return (user + system) / 1e6
}

/** The geometric mean of comparisons; their times are added up. */
export function meanOf(all: readonly Comparison[]): Comparison {
  const ratio = Math.exp(all.reduce((sum, one) => sum + Math.log(one.ratio), 0) / all.length)
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
