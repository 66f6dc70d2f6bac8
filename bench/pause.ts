import type { Guest, Shell } from '../src/index.js'
import { alternate } from './alternate.js'
import type { Bench, BenchContext } from './bench.js'
import { percentile } from './figure.js'
import { guestModule } from './guests.js'

/** Time from the request of a pause to the promise's resolution, in the tightest of loops. */
export const pause: Bench = {
  name: 'pause',
  async run(context) {
    const module = await guestModule('fill')
    await one(context, module)
    await many(context, module)
    await slowdown(context, module)
  },
}

const streams = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

function spin(shell: Shell, module: Uint8Array): Promise<Guest> {
  return shell.run(module, { ...streams, file: 'fill', invoke: 'fill', invokeArgs: ['2'] })
}

async function one({ shell, report }: BenchContext, module: Uint8Array): Promise<void> {
  const guest = await spin(shell, module)
  const times: number[] = []
  for (let i = 0; i < 1000; i++) {
    const before = performance.now()
    await guest.pause()
    times.push(performance.now() - before)
    guest.resume()
    // Lets it run for a while that differs from round to round.
    await new Promise((resolve) => setTimeout(resolve, i % 3))
  }
  await guest.kill()
  const runs = times.length
  report({ name: 'pause to parked, p50', value: percentile(times, 0.5), unit: 'ms', runs })
  report({
    name: 'pause to parked, p99',
    value: percentile(times, 0.99),
    unit: 'ms',
    runs,
    goal: 1,
  })
}

async function many({ shell, report }: BenchContext, module: Uint8Array): Promise<void> {
  const guests = await Promise.all(Array.from({ length: 64 }, () => spin(shell, module)))
  const times: number[] = []
  for (let i = 0; i < 100; i++) {
    const before = performance.now()
    await shell.pause(guests)
    times.push(performance.now() - before)
    for (const guest of guests) guest.resume()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await Promise.all(guests.map((guest) => guest.kill()))
  const runs = times.length
  report({ name: '64 guests, all parked, p50', value: percentile(times, 0.5), unit: 'ms', runs })
  const p99 = percentile(times, 0.99)
  report({ name: '64 guests, all parked, p99', value: p99, unit: 'ms', runs, goal: 10 })
}

/** Turns that a guest makes in a second of its CPU time, while another is stepped or parked. */
async function slowdown({ shell, report }: BenchContext, module: Uint8Array): Promise<void> {
  const free = await spin(shell, module)
  const other = await spin(shell, module)
  await other.pause()
  let stepping = false
  const steps = (async () => {
    for (;;) {
      if (stepping) await other.step(1000n)
      else await new Promise((resolve) => setTimeout(resolve, 1))
      if (other.state !== 'paused') return
    }
  })()
  const measure = async (beside: boolean): Promise<number> => {
    stepping = beside
    return 1 / (await turnsPerCpuSecond(free))
  }
  const compared = await alternate(
    () => measure(true),
    () => measure(false),
    { maxRuns: 9 },
  )
  await Promise.all([free.kill(), other.kill()])
  await steps.catch(() => {})
  const { ratio, interval, runs } = compared
  const peer = 'its time beside a parked one'
  report({
    name: 'a guest beside a stepped one',
    value: ratio,
    unit: 'x',
    peer,
    ratio,
    interval,
    runs,
  })
}

async function turnsPerCpuSecond(guest: Guest): Promise<number> {
  const read = () => ({
    cpuNs: guest.info().cpuNs,
    turns: Buffer.from(guest.readMemory(0n, 8)).readBigUInt64LE(),
  })
  const before = read()
  await new Promise((resolve) => setTimeout(resolve, 300))
  const after = read()
  return (Number(after.turns - before.turns) / Number(after.cpuNs - before.cpuNs)) * 1e9
}
