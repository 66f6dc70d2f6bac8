/** Guests that take all the memory they can get. */
import * as assert from 'uvu/assert'
import { grower, stray } from '../support/guests.js'
import { shellBench } from '../support/shell-bench.js'
import { suite } from '../support/suite.js'

const mebibyte = 1024 * 1024

suite('a guest that takes all memory', (test) => {
  const cases: readonly [string, number | undefined, number][] = [
    ['gets 4 GiB, of which only what it touches costs anything', undefined, 65_536],
    ['gets no more than its limit', 16 * mebibyte, 256],
  ]
  for (const [title, memoryLimitBytes, pages] of cases) {
    test(title, async () => {
      await using bench = await shellBench()
      const before = process.memoryUsage().rss
      const guest = await bench.run(
        grower,
        memoryLimitBytes === undefined ? {} : { memoryLimitBytes },
      )

      const outcome = await guest.wait()

      assert.is(outcome.kind, 'trapped')
      assert.is(guest.trap?.reason, 'out of bounds memory access')
      assert.is(guest.globals()[0]?.text, String(pages))
      assert.is(guest.info().memoryBytes, pages * 65_536)
      assert.is(guest.readMemory(BigInt(pages) * 65_536n - 1n, 1)[0], 7)
      const grown = process.memoryUsage().rss - before
      assert.ok(grown < 256 * mebibyte, `${grown} bytes became resident`)
    })
  }

  test('is stored and recovered at its full size', async () => {
    await using bench = await shellBench()
    const guest = await bench.run(grower)
    await guest.wait()
    const { memoryBytes } = await guest.snapshot('full', { sync: false })
    assert.is(memoryBytes, 65_536 * 65_536)
    await guest.kill()

    const again = await bench.shell.recover('full')

    assert.is((await again.wait()).kind, 'trapped')
    assert.is(again.readMemory(65_536n * 65_536n - 1n, 1)[0], 7)
  })

  test('traps at a word that is only partly inside', async () => {
    await using bench = await shellBench()
    const guest = await bench.run(stray)
    assert.is((await guest.wait()).kind, 'trapped')
    assert.is(guest.trap?.reason, 'out of bounds memory access')
  })
}, 60_000)
