import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alternate } from './alternate.js'
import type { Bench, BenchContext } from './bench.js'
import { guestSeconds, reportComparison, startGuest } from './compare.js'
import { compilePlain, compileSuspendable, hasCompiler, plainPeer } from './compile.js'
import { median } from './figure.js'
import { stockSeconds } from './peers.js'
import { type RealProgram, realPrograms, startOfPython } from './real-programs.js'

const starts = 20

/**
 * Programs of other people's in compiled code, against plain compiled code: how fast they run, how
 * large they are, and what it takes to make the code. Takes some ten minutes, which the compiler needs.
 */
export const compiledPrograms: Bench = {
  name: 'compiled-programs',
  async run(context) {
    if (!hasCompiler(context)) return
    const made = new Map<string, Made>()
    for (const program of await realPrograms(context.directory, context.note)) {
      const { module } = program
      const code = made.get(module) ?? (await makeBoth(context, program))
      made.set(module, code)
      const seconds = await compareRuns(context, program, code)
      await measureRecovery(context, program, code, seconds)
      if (program.name === startOfPython) measureStart(context, program, code)
    }
  },
}

/** A module, and plain machine code of it. */
interface Made {
  readonly file: string
  readonly plain: string
}

/** Compiles both ways, and reports what that took. */
async function makeBoth(context: BenchContext, { name, module }: RealProgram): Promise<Made> {
  const file = join(context.directory, basename(module))
  await copyFile(module, file)
  const [ours, suspendable] = await cpuSeconds(() => compileSuspendable(file))
  const [theirs, plain] = await cpuSeconds(() => compilePlain(file))
  const once = (what: string, value: number, unit: string, peer: number, goal?: number): void => {
    const ratio = value / peer
    const figure = {
      value,
      unit,
      peer: plainPeer,
      ratio,
      interval: [ratio, ratio],
      runs: 1,
    } as const
    context.report({ name: `${name}, ${what}`, ...figure, ...(goal ? { goal } : {}) })
  }
  once('CPU time of compiling', ours, 's', theirs)
  const [bytes, plainBytes] = [(await stat(suspendable)).size, (await stat(plain)).size]
  once('machine code', bytes / 1024, 'KiB', plainBytes / 1024, 2)
  return { file, plain }
}

/** CPU seconds of the child processes that something starts and waits for. */
async function cpuSeconds<Result>(
  work: () => Promise<Result> | Result,
): Promise<readonly [seconds: number, result: Result]> {
  const before = childSeconds()
  const result = await work()
  return [childSeconds() - before, result]
}

/** CPU seconds of all children of this process that have ended: proc(5), fields 16 and 17 of stat. */
function childSeconds(): number {
  const text = readFileSync('/proc/self/stat', 'utf8')
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number)
  return ((user ?? 0) + (system ?? 0)) / 100
}

/** Returns how many CPU seconds ours takes. */
async function compareRuns(
  context: BenchContext,
  { name, args }: RealProgram,
  { file, plain }: Made,
): Promise<number> {
  const { shell, peers, directory } = context
  const runner = peers.stockRunner('ours')
  const ours = (): Promise<number> =>
    guestSeconds(shell, file, directory, { engine: 'aot', args: args('/') })
  await ours() // compiles it
  const compared = await alternate(ours, () =>
    stockSeconds(runner, plain, directory, args(directory)),
  )
  reportComparison(context, name, plainPeer, compared, 1.2)
  return compared.ours
}

/** How much later a recovered guest is in compiled code than it would be in the interpreter, when its
 *  code and twins are in the cache. */
async function measureRecovery(
  { shell, directory, report }: BenchContext,
  { name, args }: RealProgram,
  { file }: Made,
  seconds: number,
): Promise<void> {
  const options = { engine: 'aot', args: args('/') } as const
  const first = await startGuest(shell, file, directory, options)
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 3))
  await first.pause()
  await first.snapshot('moving', { force: true })
  await first.kill()
  const recover = async (engine: 'interp' | 'aot'): Promise<number> => {
    const before = performance.now()
    const guest = await shell.recover('moving', { engine, waitForCode: true, paused: true })
    const crossed = new Promise<void>((resolve) => guest.once('crossed', resolve))
    guest.resume()
    // Somebody has to wait for a guest, or else this process ends.
    const ended = guest.wait({ until: 'end' })
    if (engine === 'aot') await Promise.race([crossed, ended])
    const elapsed = performance.now() - before
    await guest.kill()
    await ended
    return elapsed
  }
  await recover('aot') // compiles the twins
  const later: number[] = []
  for (let pair = 0; pair < starts; pair++)
    later.push((await recover('aot')) - (await recover('interp')))
  const what = `${name}, recovered into compiled code, later by`
  report({ name: what, value: median(later), unit: 'ms', runs: later.length, goal: 10 })
}

/** What a user waits for: `wasmsh PROGRAM --engine aot` from its start to its end, code in the cache. */
function measureStart(
  { directory, report }: BenchContext,
  { name, args }: RealProgram,
  { file }: Made,
): void {
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
  const command = [cli, file, '--engine', 'aot', '--', ...args('/')]
  const env = { ...process.env, WASMSH_HOME: join(directory, 'home') }
  const seconds = Array.from({ length: starts }, () => {
    const before = performance.now()
    const { status, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${name} did not end well: ${stderr}`)
    return (performance.now() - before) / 1000
  })
  const value = median(seconds)
  report({ name: `${name}, as a command`, value, unit: 's', runs: starts, goal: 1 })
}
