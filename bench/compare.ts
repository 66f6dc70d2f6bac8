import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shell } from '../src/index.js'
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
export async function guestFile({ directory }: BenchContext, guest: string): Promise<string> {
  const file = join(directory, `${guest}.wasm`)
  await writeFile(file, await guestModule(guest))
  return file
}

/** CPU seconds of this process while a guest runs from beginning to end. */
async function guestSeconds(shell: Shell, file: string, directory: string): Promise<number> {
  const guest = await shell.run(file, {
    dirs: [{ host: directory, guest: '/' }],
    stdin: 'null',
    stdout: 'null',
    stderr: 'null',
    paused: true,
  })
  const before = process.cpuUsage()
  guest.resume()
  const outcome = await guest.wait({})
  const { user, system } = process.cpuUsage(before)
  if (outcome.kind !== 'ended' || outcome.code !== 0) {
    throw new Error(`${file} did not end well: ${JSON.stringify(outcome)}`)
  }
  return (user + system) / 1e6
}
