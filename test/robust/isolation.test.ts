/** What happens to one guest is nothing to the others, nor to WebAssembly inside Node. */
import * as assert from 'uvu/assert'
import type { Guest } from '../../src/index.js'
import { recursion, spinner, stray } from '../support/guests.js'
import { shellBench } from '../support/shell-bench.js'
import { suite } from '../support/suite.js'
import { v8 } from '../support/v8.js'
import { compileWat } from '../support/wat.js'

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

/** Lets a guest run until its CPU time has moved on. */
async function movesOn(guest: Guest): Promise<void> {
  const { cpuNs } = guest.info()
  while (guest.info().cpuNs === cpuNs) await guest.wait({ timeoutMs: 1 })
}

suite('one guest among others', (test) => {
  test('is stepped thousands of times while another runs on', async () => {
    await using bench = await shellBench()
    const stepped = await bench.run(spinner, { ...quiet, paused: true })
    const other = await bench.run(spinner, quiet)
    for (let round = 0; round < 20; round++) {
      for (let step = 0; step < 100; step++) await stepped.step()
      await movesOn(other)
    }
    assert.is(other.state, 'running')
    // One step into the loop, five for each turn; the fourth of a turn counts it.
    assert.is(stepped.globals()[0]?.text, '400')
  })

  test('is paused, looked at and killed while another runs on', async () => {
    await using bench = await shellBench()
    const other = await bench.run(spinner, quiet)
    for (let round = 0; round < 20; round++) {
      const guest = await bench.run(spinner, quiet)
      await guest.pause()
      assert.is(guest.frames().length, 1)
      await movesOn(other)
      await guest.kill()
      await movesOn(other)
    }
    assert.is(other.state, 'running')
  })
}, 60_000)

suite('WebAssembly inside Node', (test) => {
  test('still traps in its own way while hundreds of guests trap', async () => {
    await using bench = await shellBench()
    const start = async (wat: string): Promise<() => void> => {
      const instance = new v8.Instance(new v8.Module(await compileWat(wat)))
      return (instance.exports as { readonly _start: () => void })._start
    }
    const outside = await start(stray)
    const deep = await start(recursion)
    const modules = [await compileWat(stray), await compileWat(recursion)]
    const busy = await bench.run(spinner, quiet)

    for (let round = 0; round < 100; round++) {
      const guests = await Promise.all(modules.map((module) => bench.shell.run(module, quiet)))
      assert.throws(outside, (error: unknown) => error instanceof v8.RuntimeError)
      assert.throws(deep, (error: unknown) => error instanceof RangeError)
      for (const guest of guests) {
        assert.is((await guest.wait()).kind, 'trapped')
        await guest.kill()
      }
    }
    assert.is(busy.state, 'running')
  })
}, 120_000)
