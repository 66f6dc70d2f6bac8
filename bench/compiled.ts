import { stat } from 'node:fs/promises'
import type { Guest } from '../src/index.js'
import { alternate, type Comparison } from './alternate.js'
import type { Bench, BenchContext } from './bench.js'
import { guestFile, meanOf, reportComparison, secondsToEnd, startGuest } from './compare.js'
import { compilePlain, compileSuspendable, hasCompiler, plainPeer as peer } from './compile.js'
import { allKernels } from './compiled-kernels.js'
import { compiledKernels } from './guests.js'
import { stockSeconds } from './peers.js'

/** Compiled code that can be stopped, against what the same compiler makes of the module itself. */
export const compiled: Bench = {
  name: 'compiled',
  async run(context) {
    if (!hasCompiler(context)) return
    const ratios: Comparison[] = []
    for (const { name, modules } of await allKernels(context)) {
      const layouts: Comparison[] = []
      for (const [layout, file] of modules.entries()) {
        const compared = await compareSpeed(context, file, () => Promise.resolve())
        layouts.push(compared)
        if (modules.length === 1) continue
        reportComparison(context, `compiled ${name}, layout ${layout}`, peer, compared)
      }
      const whole = meanOf(layouts)
      ratios.push(whole)
      reportComparison(context, `compiled ${name}`, peer, whole, 1.2)
    }
    reportComparison(context, 'compiled, geometric mean', peer, meanOf(ratios), 1.05)

    const file = await guestFile(context, 'one-loop')
    const paused = await compareSpeed(context, file, pauseOnce)
    reportComparison(context, 'compiled one-loop, paused early', peer, paused, 1.2)

    await compareCompilation(context)
  },
}

async function pauseOnce(guest: Guest): Promise<void> {
  await guest.pause()
  guest.resume()
}

/** CPU time of a guest in compiled code, from its start, against WAMR's with plain code. */
async function compareSpeed(
  { shell, peers, directory }: BenchContext,
  file: string,
  afterStart: (guest: Guest) => Promise<void>,
): Promise<Comparison> {
  const runner = peers.stockRunner('ours')
  const plain = compilePlain(file)
  const ours = async (): Promise<number> => {
    const before = process.cpuUsage()
    const guest = await startGuest(shell, file, directory, { engine: 'aot' })
    await afterStart(guest)
    return await secondsToEnd(guest, file, before)
  }
  await ours() // compiles it
  return await alternate(ours, () => stockSeconds(runner, plain, directory))
}

/** What it takes to compile all kernels, and how large they become. */
async function compareCompilation(context: BenchContext): Promise<void> {
  const files = await Promise.all(
    Object.entries(compiledKernels).map(([kernel, turns]) => guestFile(context, kernel, turns)),
  )
  const time = async (compileOne: (file: string) => Promise<string> | string): Promise<number> => {
    const before = performance.now()
    for (const file of files) await compileOne(file)
    return (performance.now() - before) / 1000
  }
  const ours = (): Promise<number> => time(compileSuspendable)
  const theirs = (): Promise<number> => time(compilePlain)
  const compared = await alternate(ours, theirs)
  reportComparison(context, 'compiling all kernels, elapsed', 'compiling plain', compared)
  const bytes = await sizeOf(files.map((file) => `${file}.suspendable.aot`))
  const ratio = bytes / (await sizeOf(files.map((file) => `${file}.aot`)))
  context.report({
    name: 'size of all kernels',
    value: bytes / 1024,
    unit: 'KiB',
    peer,
    ratio,
    interval: [ratio, ratio],
    runs: 1,
    goal: 2,
  })
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const all = await Promise.all(files.map((file) => stat(file)))
  return all.reduce((sum, { size }) => sum + size, 0)
}
