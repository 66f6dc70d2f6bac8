import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Bench, BenchContext } from './bench.js'
import { median } from './figure.js'
import { guestModule } from './guests.js'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/** Memory of wasmsh itself and of parked guests, and the time until it is there. */
export const footprint: Bench = {
  name: 'footprint',
  async run(context) {
    idle(context)
    await guests(context)
    startUp(context)
  },
}

/** Resident memory of a wasmsh that has done nothing yet. */
function idle({ report, directory }: BenchContext): void {
  const line = `;(await import('node:fs')).readFileSync('/proc/self/status', 'utf8')`
  const env = { ...process.env, WASMSH_HOME: join(directory, 'idle') }
  const status = execFileSync(process.execPath, [cli, '--json', '-n', '-c', line], {
    encoding: 'utf8',
    env,
  })
  const value = residentKiB(status) / 1024
  report({ name: 'resident memory, idle', value, unit: 'MiB', runs: 1, goal: 100 })
}

async function guests({ shell, report }: BenchContext): Promise<void> {
  const module = await guestModule('fib')
  const count = 100
  // JavaScript's garbage is no guest's cost.
  v8.setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const own = () => {
    collectGarbage()
    return anonymousKiB(readFileSync('/proc/self/status', 'utf8'))
  }
  const start = () =>
    shell.run(module, { stdin: 'null', stdout: 'null', stderr: 'null', file: 'fib', paused: true })
  // The second hundred: what the first ones load, and what the allocator keeps, is no guest's cost.
  const all = await Promise.all(Array.from({ length: count }, start))
  const before = own()
  all.push(...(await Promise.all(Array.from({ length: count }, start))))
  const value = (own() - before) / count
  await Promise.all(all.map((guest) => guest.kill()))
  report({ name: `memory of a further parked guest (of ${count})`, value, unit: 'KiB', runs: 1 })
}

function startUp({ report, directory }: BenchContext): void {
  const env = { ...process.env, WASMSH_HOME: join(directory, 'start') }
  const times: number[] = []
  for (let i = 0; i < 7; i++) {
    const before = performance.now()
    execFileSync(process.execPath, [cli, '-n', '-c', 'exit'], { env })
    times.push(performance.now() - before)
  }
  const value = median(times)
  report({ name: 'start, one command, exit', value, unit: 'ms', runs: times.length, goal: 1000 })
}

function residentKiB(status: string): number {
  return field(status, 'VmRSS')
}

/** Memory of the process's own, in RAM or swapped out: what the kernel cannot simply drop. */
function anonymousKiB(status: string): number {
  return field(status, 'RssAnon') + field(status, 'VmSwap')
}

function field(status: string, name: string): number {
  const text = status.replaceAll('\\n', '\n').replaceAll('\\t', ' ')
  const found = new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)
  if (found === null) throw new Error(`/proc/self/status has no ${name}`)
  return Number(found[1])
}
