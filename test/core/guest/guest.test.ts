import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Guest } from '../../../src/core/guest/guest.js'
import { openShell } from '../../../src/core/shell.js'
import type { RunOptions } from '../../../src/index.js'
import { FakeEngine } from '../../support/fake-native.js'
import { suite } from '../../support/suite.js'
import { rejectsCode, throwsCode } from '../../support/throws.js'

const silent = { stdin: 'null', stdout: 'null', stderr: 'null' } as const
const bytes = Uint8Array.from([0, 97, 115, 109])
const trap = { reason: 'unreachable', function: 1, pc: 2, callers: [] } as const

interface Bench extends AsyncDisposable {
  readonly engine: FakeEngine
  readonly guest: Guest
}

/** One running guest of the fake engine. */
async function bench(options: RunOptions = {}): Promise<Bench> {
  const engine = new FakeEngine()
  const home = mkdtempSync(join(tmpdir(), 'wasmsh-test-'))
  const shell = await openShell({ home, binding: engine.binding() })
  const running = shell.run(bytes, { ...silent, ...options })
  while (engine.started.length === 0) await new Promise((done) => setImmediate(done))
  await engine.say({ guest: 1, kind: 'started' })
  const dispose = async (): Promise<void> => {
    await shell.close()
    rmSync(home, { recursive: true })
  }
  return { engine, guest: await running, [Symbol.asyncDispose]: dispose }
}

suite('Guest.pause', (test) => {
  test('resolves when the guest stands still', async () => {
    await using b = await bench()
    const pausing = b.guest.pause()
    assert.is(b.guest.state, 'running')

    await b.engine.park(1)
    await pausing

    assert.is(b.guest.state, 'paused')
    assert.equal(b.engine.calls, ['pause 1'])
    await b.guest.pause()
    assert.equal(b.engine.calls, ['pause 1'])
  })

  test('is satisfied by a trap that came first', async () => {
    await using b = await bench()
    const pausing = b.guest.pause()
    await b.engine.say({ guest: 1, kind: 'parked', reason: { kind: 'trap', trap } })
    await pausing
    assert.is(b.guest.state, 'trapped')
    assert.equal(b.guest.trap, trap)
  })

  test('rejects when the guest ended first', async () => {
    await using b = await bench()
    const pausing = b.guest.pause()
    const rejected = rejectsCode('ERR_WASMSH_GUEST_ENDED', () => pausing)
    await b.engine.say({ guest: 1, kind: 'ended', code: 3, results: [], position: null })
    await rejected
    await rejectsCode('ERR_WASMSH_GUEST_ENDED', () => b.guest.pause())
  })
})

suite('Guest.resume', (test) => {
  test('lets a parked guest go on, until a position when told', async () => {
    await using b = await bench()
    await b.engine.park(1)

    b.guest.resume({ pauseAt: 77n })

    assert.is(b.guest.state, 'running')
    assert.is(b.guest.reason, null)
    assert.equal(b.engine.calls, ['resume 1 77'])
  })

  test('refuses a guest that runs', async () => {
    await using b = await bench()
    throwsCode('ERR_WASMSH_GUEST_NOT_PAUSED', () => b.guest.resume())
  })

  test('forgets the trap', async () => {
    await using b = await bench()
    await b.engine.say({ guest: 1, kind: 'parked', reason: { kind: 'trap', trap } })
    b.guest.resume()
    assert.is(b.guest.trap, null)
  })
})

suite('Guest.step', (test) => {
  test('resolves with what happened', async () => {
    await using b = await bench()
    await b.engine.park(1)
    const stepping = b.guest.step(5)
    assert.is(b.guest.state, 'running')
    await b.engine.park(1, 'step')

    assert.equal(await stepping, { kind: 'paused', reason: 'step' })
    assert.equal(b.engine.calls, ['step 1 5'])
  })

  for (const count of [0, -1, 1.5, Number.NaN, 2n ** 64n]) {
    test(`refuses ${count} steps`, async () => {
      await using b = await bench()
      await b.engine.park(1)
      await rejectsCode('ERR_WASMSH_OPTION_INVALID', () => b.guest.step(count))
      assert.is(b.guest.state, 'paused')
    })
  }
})

suite('Guest.wait', (test) => {
  test('says how the guest ended up', async () => {
    await using b = await bench()
    const waiting = b.guest.wait()
    await b.engine.say({ guest: 1, kind: 'ended', code: 7, results: [], position: null })
    assert.equal(await waiting, { kind: 'ended', code: 7 })
    assert.is(b.guest.exitCode, 7)
    assert.equal(await b.guest.wait(), { kind: 'ended', code: 7 })
  })

  test('answers at once for a guest that stands still', async () => {
    await using b = await bench()
    await b.engine.say({ guest: 1, kind: 'parked', reason: { kind: 'trap', trap } })
    assert.equal(await b.guest.wait(), { kind: 'trapped', trap })
  })

  test('with until end it waits across pauses', async () => {
    await using b = await bench()
    const waiting = b.guest.wait({ until: 'end' })
    await b.engine.park(1)
    b.guest.resume()
    await b.engine.say({ guest: 1, kind: 'killed' })
    assert.equal(await waiting, { kind: 'killed' })
  })

  test('says timeout and leaves nothing behind', async () => {
    await using b = await bench()
    assert.equal(await b.guest.wait({ timeoutMs: 5 }), { kind: 'timeout' })
    assert.is(b.guest.listenerCount('state'), 1)
  })

  test('rejects with the reason of an aborted signal', async () => {
    await using b = await bench()
    const abort = new AbortController()
    const waiting = b.guest.wait({ signal: abort.signal })
    abort.abort(new Error('enough'))
    let message = ''
    await waiting.catch((error: Error) => {
      message = error.message
    })
    assert.is(message, 'enough')
  })

  test('does not report a pause that a listener ended at once', async () => {
    await using b = await bench()
    b.guest.once('paused', () => b.guest.resume())
    const waiting = b.guest.wait()
    await b.engine.park(1)
    const quick = await Promise.race([waiting, b.guest.wait({ timeoutMs: 20 })])
    assert.is(b.guest.state, 'running')
    assert.is(quick.kind, 'timeout')
    await b.engine.say({ guest: 1, kind: 'ended', code: 0, results: [], position: null })
    await waiting
  })
})

suite('Guest.kill', (test) => {
  test('resolves when nothing is left, and again', async () => {
    await using b = await bench()
    const killing = b.guest.kill()
    await b.engine.say({ guest: 1, kind: 'killed' })
    await killing
    await b.guest.kill()
    assert.equal(b.engine.calls, ['kill 1'])
    throwsCode('ERR_WASMSH_GUEST_ENDED', () => b.guest.frames())
  })
})

suite('Guest.set', (test) => {
  test('keeps what was there before', async () => {
    await using b = await bench()
    await b.engine.park(1)

    const edit = b.guest.set('global counter', '-2')

    assert.equal(edit, { target: 'global 0', type: 'i32', old: '5', new: '-2' })
    assert.equal(b.guest.edits(), [edit])
  })

  test('refuses a global that is not there and keeps no record', async () => {
    await using b = await bench()
    await b.engine.park(1)
    throwsCode('ERR_WASMSH_GLOBAL_UNKNOWN', () => b.guest.set('global 9', '1'))
    throwsCode('ERR_WASMSH_EDIT_VALUE', () => b.guest.set('global 0', 'x'))
    assert.equal(b.guest.edits(), [])
  })
})

suite('Guest events', (test) => {
  test('come in the order of the news, each with a new state', async () => {
    await using b = await bench()
    const seen: string[] = []
    b.guest.on('paused', (reason) => seen.push(`paused ${reason} ${b.guest.state}`))
    b.guest.on('resumed', () => seen.push(`resumed ${b.guest.state}`))
    b.guest.on('ended', (code) => seen.push(`ended ${code} ${b.guest.state}`))
    await b.engine.park(1)
    b.guest.resume()
    await b.engine.say(
      { guest: 1, kind: 'parked', reason: { kind: 'position' } },
      { guest: 1, kind: 'ended', code: 0, results: [], position: null },
      { guest: 1, kind: 'killed' },
    )

    assert.equal(seen, [
      'paused pause paused',
      'resumed running',
      'paused position paused',
      'ended 0 ended',
    ])
  })
})
