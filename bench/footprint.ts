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
    return residentKiB(readFileSync('/proc/self/status', 'utf8'))
  }
  const start = () =>
    shell.run(module, { stdin: 'null', stdout: 'null', stderr: 'null', file: 'fib', paused: true })
  // What the first guests load, and what they leave with the allocator, is no guest's cost.
  const first = await Promise.all(Array.from({ length: count }, start))
  await Promise.all(first.map((guest) => guest.kill()))
  const before = own()
  const all = await Promise.all(Array.from({ length: count }, start))
  const value = (own() - before) / count
  await Promise.all(all.map((guest) => guest.kill()))
  report({ name: `memory of a parked guest (${count} guests)`, value, unit: 'KiB', runs: 1 })
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
  const found = /VmRSS:\s+(\d+) kB/.exec(status.replaceAll('\\n', '\n').replaceAll('\\t', ' '))
  if (found === null) throw new Error('/proc/self/status has no VmRSS')
  return Number(found[1])
}
