import { setTimeout } from 'node:timers/promises'
import type { Guest, RunOptions } from '../src/index.js'
import type { Bench, BenchContext } from './bench.js'
import { startGuest } from './compare.js'
import { hasCompiler } from './compile.js'
import { allKernels } from './compiled-kernels.js'
import { percentile } from './figure.js'

/** Pauses a kernel, of guests that go on and are paused again; and guests that are paused once. */
const again = 500
const once = 200

/** One whose thread was longer than this on no core, between request and stop, was kept from it. */
const keptMs = 0.1

/** A pause, milliseconds. */
interface Pause {
  /** From the call of `pause()` until its promise is resolved: what a user sees. */
  readonly seen: number
  /** In the engine, from the request until the guest stands still. */
  readonly parked: number
  /** Of that, CPU time of the guest: how far it ran on, and its way out of compiled code. */
  readonly cpu: number
}

/**
 * How long guests in compiled code take to stand still. Whatever runs beside them on a busy machine counts
 * by the clock, since they have to wait for a core; CPU time does not know of it.
 */
export const compiledPause: Bench = {
  name: 'compiled-pause',
  async run(context) {
    if (!hasCompiler(context)) return
    const all: Record<'again' | 'once', Pause[]> = { again: [], once: [] }
    for (const { name, modules } of await allKernels(context)) {
      const file = modules[0]
      if (file === undefined) continue
      const repeated = await pauseAgain(context, file)
      const first = await pauseOnce(context, file)
      report(context, `${name}, paused again`, repeated)
      report(context, `${name}, paused first`, first)
      all.again.push(...repeated)
      all.once.push(...first)
    }
    report(context, 'all kernels, paused again', all.again)
    report(context, 'all kernels, paused first', all.once)
  },
}

/** Code with twins for all places, so that a guest goes on in it without anything being compiled. */
async function pauseAgain(context: BenchContext, file: string): Promise<readonly Pause[]> {
  const pauses: Pause[] = []
  while (pauses.length < again) {
    const guest = await start(context, file, { twins: 'all' })
    for (let isFirst = true; pauses.length < again; isFirst = false) {
      await setTimeout(delay(pauses.length))
      const { inCompiled } = guest.info()
      const pause = await pauseOf(guest)
      if (pause === null) break
      if (!isFirst && inCompiled) pauses.push(pause)
      guest.resume()
    }
    await guest.kill()
  }
  return pauses
}

/** Guests one after the other: the one before is gone when the next one starts. */
async function pauseOnce(context: BenchContext, file: string): Promise<readonly Pause[]> {
  const pauses: Pause[] = []
  while (pauses.length < once) {
    const guest = await start(context, file, { twins: 'open' })
    await setTimeout(delay(pauses.length))
    const pause = await pauseOf(guest)
    if (pause !== null) pauses.push(pause)
    await guest.kill()
  }
  return pauses
}

async function start(
  { shell, directory }: BenchContext,
  file: string,
  options: RunOptions,
): Promise<Guest> {
  return await startGuest(shell, file, directory, { ...options, engine: 'aot' })
}

/** Milliseconds that differ from time to time, shorter than any kernel runs. */
function delay(time: number): number {
  return 1 + ((time * 7) % 20)
}

/** Null when the guest came to its end. */
async function pauseOf(guest: Guest): Promise<Pause | null> {
  const before = performance.now()
  await guest.pause().catch(() => undefined)
  const seen = performance.now() - before
  const { pause } = guest.info()
  if (guest.state !== 'paused' || pause === null) return null
  return { seen, parked: Number(pause.elapsedNs) / 1e6, cpu: Number(pause.cpuNs) / 1e6 }
}

function report(context: BenchContext, name: string, pauses: readonly Pause[]): void {
  const time = (what: string, of: keyof Pause, share: number, from = pauses): void =>
    context.report({
      name: `${name}: ${what}`,
      value: percentile(
        from.map((pause) => pause[of]),
        share,
      ),
      unit: 'ms',
      runs: from.length,
      ...(share === 0.99 ? { goal: 1 } : {}),
    })
  const free = pauses.filter(({ parked, cpu }) => parked - cpu <= keptMs)
  time('call to resolved, p50', 'seen', 0.5)
  time('call to resolved, p99', 'seen', 0.99)
  time('request to parked, p50', 'parked', 0.5)
  time('request to parked, p99', 'parked', 0.99)
  time('request to parked, CPU time, p99', 'cpu', 0.99)
  if (free.length > 0) {
    time('request to parked, not kept from a core, p99', 'parked', 0.99, free)
  }
  context.report({
    name: `${name}: kept from a core for over ${keptMs} ms`,
    value: (100 * (pauses.length - free.length)) / pauses.length,
    unit: '%',
    runs: pauses.length,
  })
}
