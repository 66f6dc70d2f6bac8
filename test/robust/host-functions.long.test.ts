/** Host functions in numbers: nothing piles up, and nothing is lost. */
import * as assert from 'uvu/assert'
import { adding, meter } from '../support/meter.js'
import { pluginBench } from '../support/plugin-bench.js'
import { suite } from '../support/suite.js'
import { compileWat } from '../support/wat.js'

const mebibyte = 1024 * 1024
/** More than the noise of a garbage collector, less than what would be kept by mistake. */
const flat = 96 * mebibyte
const calls = 1_000_000
const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

suite('a million calls of a host function', (test) => {
  test('each have their effect once, in flat memory', async () => {
    const m = meter({}, {}, (tracker) => Object.assign(tracker, { record: () => undefined }))
    await using b = await pluginBench([m.plugin])
    const guest = await b.shell.run(await compileWat(adding(calls)), quiet)
    while (m.tracker.reading < 100_000n) await new Promise((resolve) => setTimeout(resolve, 10))
    const rss = process.memoryUsage().rss
    assert.equal(await guest.wait(), { kind: 'ended', code: calls & 127 })
    assert.is(m.tracker.reading, BigInt(calls))
    const grown = process.memoryUsage().rss - rss
    assert.ok(grown < flat, `${grown} bytes more`)
    const { next = 0n } = guest.log?.info() ?? {}
    assert.is(next, BigInt(calls) + 2n)
  })
}, 1_200_000)
