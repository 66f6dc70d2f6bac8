/** Guests that keep the host busy: the shell answers all the while, and its memory stays flat. */
import { once } from 'node:events'
import * as assert from 'uvu/assert'
import { asker, flood, spinner } from '../support/guests.js'
import { shellBench, until } from '../support/shell-bench.js'
import { suite } from '../support/suite.js'

const mebibyte = 1024 * 1024
/** More than the noise of a garbage collector, less than what would be kept by mistake. */
const flat = 96 * mebibyte

function grownSince(rss: number): number {
  return process.memoryUsage().rss - rss
}

suite('a guest that keeps the host busy', (test) => {
  test('by a million host calls leaves the event loop free and the memory flat', async () => {
    await using bench = await shellBench()
    const guest = await bench.run(asker, { stdin: 'null', stdout: 'null', stderr: 'null' })
    await until(() => guest.info().hostCalls > 100_000n)
    const rss = process.memoryUsage().rss
    let turns = 0
    while (guest.info().hostCalls < 2_000_000n) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    assert.ok(turns > 100, `${turns} turns of the event loop`)
    assert.ok(grownSince(rss) < flat, `${grownSince(rss)} bytes more`)
    await guest.pause()
    assert.is(guest.state, 'paused')
    // The log is bounded, and as quick to read at its end as at its beginning.
    const { next = 0n } = guest.log?.info() ?? {}
    assert.is(guest.log?.read(next - 1n, 10).length, 1)
  })

  test('by output without end waits for its reader; nothing piles up', async () => {
    await using bench = await shellBench()
    const guest = await bench.run(flood)
    const { stdout } = guest
    assert.ok(stdout)
    let read = 0
    let rss = 0
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      read += chunk.length
      if (rss === 0 && read > 16 * mebibyte) rss = process.memoryUsage().rss
      if (read > 512 * mebibyte) break
    }
    assert.ok(grownSince(rss) < flat, `${grownSince(rss)} bytes more`)
    await guest.kill()
    assert.is(guest.state, 'killed')
  })

  test('by computing lets a hundred others start, run and end', async () => {
    await using bench = await shellBench()
    const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const
    const busy = await bench.run(spinner, quiet)
    for (let round = 0; round < 100; round++) {
      const other = await bench.run(
        '(module (memory (export "memory") 1) (func (export "_start")))',
        quiet,
      )
      assert.equal(await other.wait(), { kind: 'ended', code: 0 })
    }
    assert.is(busy.state, 'running')
    const paused = once(busy, 'paused')
    await busy.pause()
    assert.equal(await paused, ['pause'])
  })
}, 120_000)
