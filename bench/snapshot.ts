import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guest, Shell } from '../src/index.js'
import { alternate } from './alternate.js'
import type { Bench, BenchContext } from './bench.js'
import { median } from './figure.js'
import { guestModule } from './guests.js'
import { criuProblem } from './peers.js'

const sizes = [1, 64, 1024] as const

/** From the request of a snapshot to the first instruction of the guest recovered from it. */
export const snapshot: Bench = {
  name: 'snapshot',
  async run(context) {
    const problem = criuProblem()
    if (problem !== null) context.note(`${problem}; the peer is a plain copy to a file and back`)
    const module = await guestModule('fill')
    for (const mib of sizes) {
      const guest = await filled(context.shell, module, mib)
      await measure(context, guest, mib, problem === null)
      await firstInstruction(context, guest, mib)
      await guest.kill()
    }
  },
}

async function filled(shell: Shell, module: Uint8Array, mib: number): Promise<Guest> {
  const guest = await shell.run(module, {
    ...{ stdin: 'null', stdout: 'null', stderr: 'null' },
    file: 'fill',
    invoke: 'fill',
    invokeArgs: [String(mib * 16)],
  })
  for (;;) {
    await guest.pause()
    const [, filled] = guest.globals()
    if (filled?.bits === 1n) return guest
    guest.resume()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function measure(
  context: BenchContext,
  guest: Guest,
  mib: number,
  criu: boolean,
): Promise<void> {
  const peer = criu ? 'CRIU, dump and restore' : 'write and read back'
  const peerTime = criu ? () => criuMs(context, mib) : () => copyMs(context, mib)
  const options = mib > 100 ? { minRuns: 3, maxRuns: 4 } : { minRuns: 5, maxRuns: 10 }
  for (const sync of [false, true]) {
    const { ours, ratio, interval, runs } = await alternate(
      () => roundTripMs(context.shell, guest, sync),
      peerTime,
      options,
    )
    const name = `snapshot + recover, ${mib} MiB${sync ? ', fsync' : ''}`
    const goal = criu ? { goal: 1 } : {}
    context.report({ name, value: ours, unit: 'ms', peer, ratio, interval, runs, ...goal })
  }
}

async function roundTripMs(shell: Shell, guest: Guest, sync: boolean): Promise<number> {
  const before = performance.now()
  const { name } = await guest.snapshot(undefined, { sync, parent: 'none' })
  const recovered = await shell.recover(name, { paused: true })
  const time = performance.now() - before
  await recovered.kill()
  await shell.store.forget(name)
  return time
}

/** Recovery alone, with and without the check of every block. */
async function firstInstruction(
  { shell, report }: BenchContext,
  guest: Guest,
  mib: number,
): Promise<void> {
  const { name } = await guest.snapshot(undefined, { sync: false, parent: 'none' })
  for (const verify of [true, false]) {
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const before = performance.now()
      const recovered = await shell.recover(name, { paused: true, verify })
      times.push(performance.now() - before)
      await recovered.kill()
    }
    const label = `recover, ${mib} MiB${verify ? '' : ', blocks not checked'}`
    report({ name: label, value: median(times), unit: 'ms', runs: times.length })
  }
  await shell.store.forget(name)
}

function copyMs({ peers, directory }: BenchContext, mib: number): number {
  const file = join(directory, 'copy')
  return (
    Number(execFileSync(peers.plainProcess(), [String(mib), file], { encoding: 'utf8' })) * 1000
  )
}

/** Dumps a plain process of that size with CRIU and restores it. Needs root. */
async function criuMs({ peers, directory }: BenchContext, mib: number): Promise<number> {
  const images = join(directory, 'criu')
  await rm(images, { recursive: true, force: true })
  await mkdir(images)
  const child = spawn(peers.plainProcess(), [String(mib)], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const pid = String(child.pid)
  const before = performance.now()
  const dumped = spawnSync('criu', ['dump', '-t', pid, '-D', images, '--shell-job'])
  const restored = spawnSync('criu', ['restore', '-D', images, '--shell-job', '-d'])
  const time = performance.now() - before
  process.kill(Number(pid), 'SIGKILL')
  if (dumped.status !== 0 || restored.status !== 0) throw new Error('CRIU failed')
  return time
}
