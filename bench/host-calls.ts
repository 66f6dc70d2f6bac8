import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { alternate } from './alternate.js'
import type { Bench, BenchContext } from './bench.js'
import { compareCpu, guestFile, reportComparison } from './compare.js'

const stock = 'stock WAMR'

/** Cost of host calls, which are recorded, against the same calls in stock WAMR. */
export const hostCalls: Bench = {
  name: 'host-calls',
  async run(context) {
    const figures = [
      ['clock_time_get, a million', 'clock', 1.3],
      ['fd_write of 1 byte, a million', 'write-byte', 1.3],
      // Writing comes first: it makes the file.
      ['fd_write, 1 GiB in 64 KiB pieces', 'write-gibibyte', 1.03],
      ['fd_read, 1 GiB in 64 KiB pieces', 'read-gibibyte', 1.03],
    ] as const
    for (const [name, guest, goal] of figures) {
      reportComparison(context, name, stock, await compareCpu(context, guest, 'ours'), goal)
    }
    await whileBusy(context)
  },
}

/** CPU time of a guest's thread for a million calls while JavaScript never gives way: a guest that
 *  waited for it would not end. */
async function whileBusy(context: BenchContext): Promise<void> {
  const { shell, peers, directory } = context
  const file = await guestFile(context, 'timed-calls')
  const elapsed = join(directory, 'elapsed')
  const runner = peers.stockRunner('ours')
  const compared = await alternate(
    async () => {
      const guest = await shell.run(file, { dirs: [{ host: directory, guest: '/' }] })
      const seconds = busyUntilWritten(elapsed)
      await guest.wait({})
      return seconds
    },
    async () => {
      const ended = promisify(execFile)(runner, [file, directory])
      const seconds = busyUntilWritten(elapsed)
      await ended
      return seconds
    },
  )
  reportComparison(context, 'a million calls, JavaScript busy', stock, compared, 1.3)
}

/** Computes without a break until a guest has written how long it took; the seconds. */
function busyUntilWritten(file: string): number {
  const end = performance.now() + 60_000
  while (!existsSync(file) || statSync(file).size < 8) {
    const slice = performance.now() + 10
    while (performance.now() < slice);
    if (slice > end) throw new Error('the guest waits for JavaScript')
  }
  const nanoseconds = readFileSync(file).readBigUInt64LE()
  rmSync(file)
  return Number(nanoseconds) / 1e9
}
