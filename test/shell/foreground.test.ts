import * as assert from 'uvu/assert'
import type { WasmshError } from '../../src/core/errors.js'
import { type HostCall, NotBegun } from '../../src/core/plugin.js'
import { follow, followAll } from '../../src/shell/foreground.js'
import { spinner } from '../support/guests.js'
import { asking, meter } from '../support/meter.js'
import { suite } from '../support/suite.js'
import { openTestSession } from '../support/test-session.js'
import { compileWat } from '../support/wat.js'

suite('follow', (test) => {
  test('says which plugin keeps Ctrl-C from pausing a guest, and tries again', async () => {
    const calls: HostCall[] = []
    let refuse = (_: NotBegun): void => {}
    const ask = (call: HostCall): Promise<number> => {
      calls.push(call)
      return new Promise((_, reject) => {
        refuse = reject
      })
    }
    await using b = await openTestSession([meter({ ask }).plugin], {
      pluginLimits: { pauseMs: 50 },
    })
    const { session, shell } = b
    const stray = new Promise<WasmshError>((resolve) => {
      session.onStray = (error) => resolve(error as WasmshError)
    })
    const module = await compileWat(asking)
    const guest = await shell.run(module, { file: 'meter.wasm', name: 'meter', stdin: 'null' })
    const following = session.whileInterruptible(() => follow(session, guest))
    while (calls.length === 0) await guest.wait({ timeoutMs: 1 }).catch(() => undefined)

    session.interrupts.fire()
    const error = await stray
    assert.is(error.code, 'ERR_WASMSH_PLUGIN_PAUSE')
    assert.match(error.message, /Plugin "meter"/)
    assert.is(guest.state, 'running')

    session.interrupts.fire()
    refuse(new NotBegun())
    assert.is((await following).kind, 'paused')
  })

  test('pauses guests at once when Ctrl-C came before they were there', async () => {
    await using b = await openTestSession([])
    const { session, shell } = b
    const module = await compileWat(spinner)
    const run = () => shell.run(module, { file: 'spin.wasm', stdin: 'null' })
    const guests = [await run(), await run(), await run()] as const

    const outcome = await session.whileInterruptible(async () => {
      session.interrupts.fire()
      await followAll(session, guests.slice(1))
      return await follow(session, guests[0])
    })

    assert.is(outcome.kind, 'paused')
    assert.equal(
      guests.map(({ state }) => state),
      ['paused', 'paused', 'paused'],
    )
  })
})
