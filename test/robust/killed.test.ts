/** A guest can be killed whatever it does, and leaves nothing behind. */
import * as assert from 'uvu/assert'
import type { Guest, RunOptions } from '../../src/index.js'
import { openDescriptors, openedSince } from '../support/descriptors.js'
import { asker, copier, flood, sleeper, spinner, stray, waiter } from '../support/guests.js'
import { type ShellBench, shellBench, until } from '../support/shell-bench.js'
import { suite } from '../support/suite.js'
import { throwsCode } from '../support/throws.js'

interface Case {
  readonly title: string
  readonly wat: string
  readonly options?: RunOptions
  /** Resolves when the guest does what the title says. */
  readonly ready: (guest: Guest) => Promise<unknown>
}

const isIn = (call: string) => (guest: Guest) =>
  until(() => guest.info().hostCall === `wasi_snapshot_preview1.${call}`)

const cases: readonly Case[] = [
  { title: 'computes', wat: spinner, ready: async () => {} },
  { title: 'is paused', wat: spinner, ready: (guest) => guest.pause() },
  {
    title: 'stands before its start',
    wat: spinner,
    options: { paused: true },
    ready: async () => {},
  },
  { title: 'has trapped', wat: stray, ready: (guest) => guest.wait() },
  { title: 'waits for input', wat: copier, ready: isIn('fd_read') },
  { title: 'waits for its reader', wat: flood, ready: isIn('fd_write') },
  { title: 'sleeps', wat: sleeper(100_000), ready: isIn('poll_oneoff') },
  { title: 'waits on an address', wat: waiter(100_000), ready: async () => {} },
  { title: 'calls its host all the time', wat: asker, ready: async () => {} },
  {
    title: 'is paused while it waits for input',
    wat: copier,
    ready: async (guest) => {
      await isIn('fd_read')(guest)
      await guest.pause()
    },
  },
]

async function use(action: (bench: ShellBench) => Promise<unknown>): Promise<void> {
  await using bench = await shellBench()
  await action(bench)
}

suite('a guest that is killed', (test) => {
  for (const { title, wat, options, ready } of cases) {
    test(`while it ${title} is gone`, async () => {
      await use((bench) => bench.run(spinner))
      const before = openDescriptors()
      await use(async (bench) => {
        const guest = await bench.run(wat, options)
        await ready(guest)

        await Promise.all([guest.kill(), guest.kill()])

        assert.is(guest.state, 'killed')
        throwsCode('ERR_WASMSH_GUEST_ENDED', () => guest.frames())
      })
      await until(() => openedSince(before).length === 0)
    })
  }
}, 30_000)
