import * as assert from 'uvu/assert'
import type { Guest } from '../../../src/core/guest/guest.js'
import { type HostCall, NotBegun } from '../../../src/core/plugin.js'
import { adding, asking, type MeterBehaviour, meter, meterGuest } from '../../support/meter.js'
import { type PluginBench, pluginBench } from '../../support/plugin-bench.js'
import { suite } from '../../support/suite.js'
import { rejectsCode, throwsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

async function start(b: PluginBench, text: string): Promise<Guest> {
  return await b.shell.run(await compileWat(text), { ...quiet, file: 'meter.wasm', name: 'meter' })
}

/** A promise and the functions that settle it. */
function deferred<Value>(): {
  promise: Promise<Value>
  resolve: (value: Value) => void
  reject: (reason: unknown) => void
} {
  let resolve: (value: Value) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<Value>((...both) => {
    ;[resolve, reject] = both
  })
  return { promise, resolve, reject }
}

/** Waits for each of the meter's questions to arrive. */
function questions(): { ask: NonNullable<MeterBehaviour['ask']>; next(): Promise<Question> } {
  const asked: Question[] = []
  const takers: ((question: Question) => void)[] = []
  return {
    ask: (call) => {
      const { promise, resolve, reject } = deferred<number>()
      const question = { call, answer: resolve, fail: reject }
      const taker = takers.shift()
      if (taker === undefined) asked.push(question)
      else taker(question)
      return promise
    },
    next: () =>
      new Promise((resolve) => {
        const question = asked.shift()
        if (question === undefined) takers.push(resolve)
        else resolve(question)
      }),
  }
}

interface Question {
  readonly call: HostCall
  answer(value: number): void
  fail(reason: unknown): void
}

suite('host functions', (test) => {
  test('run when the guest calls them, and give it their result', async () => {
    await using b = await pluginBench([meter().plugin])
    const guest = await start(b, adding(100))
    assert.equal(await guest.wait(), { kind: 'ended', code: 100 })
  })

  test('take and give each type', async () => {
    const m = meter()
    await using b = await pluginBench([m.plugin])
    const guest = await start(
      b,
      meterGuest(`(global.set $float (call $meter_mix
        (i32.const -5) (i64.const -9007199254740993) (f32.const 1.5) (f64.const -0.125)))
        unreachable`),
    )
    await guest.wait()
    assert.equal(m.tracker.mixed, [[-5, -9007199254740993n, 1.5, -0.125]])
    assert.is(guest.globals()[1]?.text, '-9007199254740994')
  })

  test('may answer later', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const question = await q.next()
    assert.is(guest.state, 'running')
    assert.is(guest.info().hostCall, 'env.meter_ask')
    question.answer(9)
    assert.equal(await guest.wait(), { kind: 'ended', code: 9 })
  })

  test('know who calls', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const { call, answer } = await q.next()
    assert.equal(call.guest, { name: 'meter' })
    assert.is(call.thread, 0)
    assert.is(call.memory.size, 65536)
    answer(0)
    await guest.wait()
  })

  test('trap with the names of plugin and function when they throw, and are tried again', async () => {
    let fails = true
    const ask = (): number => {
      if (fails) throw new Error('the sensor is off\nline')
      return 3
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    const outcome = await guest.wait()
    assert.is(outcome.kind, 'trapped')
    assert.is(guest.trap?.reason, 'plugin meter, env.meter_ask: the sensor is off line')
    assert.is(guest.frames()[0]?.name, '_start')

    fails = false
    guest.resume()
    assert.equal(await guest.wait(), { kind: 'ended', code: 3 })
  })

  test('trap when they reject, or return what the type has no value for', async () => {
    for (const [answer, reason] of [
      [() => Promise.reject(new Error('later')), 'later'],
      [() => 1.5, 'returned 1.5, which is no i32'],
      [() => 2 ** 32, 'returned 4294967296, which is no i32'],
      [() => '7', 'returned 7, which is no i32'],
      [() => Number.NaN, 'returned NaN, which is no i32'],
      [() => Promise.reject(new NotBegun()), 'gave up although nobody asked it to'],
    ] as const) {
      await using b = await pluginBench([meter({ ask: answer as () => number }).plugin])
      const guest = await start(b, asking)
      await guest.wait()
      assert.is(guest.trap?.reason, `plugin meter, env.meter_ask: ${reason}`)
    }
  })

  test('keep reasons short', async () => {
    const ask = (): number => {
      throw new Error('ä'.repeat(500))
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    await guest.wait()
    assert.match(guest.trap?.reason ?? '', /^plugin meter, env\.meter_ask: ä{40,}$/)
    await guest.snapshot('trapped')
    const again = await b.shell.recover('trapped', { name: 'again' })
    assert.is((await again.wait()).kind, 'trapped')
  })
})

suite('imports of plugins', (test) => {
  test('are refused by name when nobody provides them', async () => {
    await using b = await pluginBench([])
    const error = await rejectsCode('ERR_WASMSH_IMPORT_UNKNOWN', () => start(b, asking))
    assert.match(error.message, /4 imports .*env\.meter_add \(func \(param i32\) \(result i64\)\)/)
  })

  test('are refused with both types when they differ', async () => {
    const imports = { env: { meter_ask: { params: ['i64'], results: [] } } } as const
    await using b = await pluginBench([
      meter({}, { imports }, (tracker) => Object.assign(tracker, { imports: { env: {} } })).plugin,
    ])
    const text = '(module (import "env" "meter_ask" (func (param i32) (result i32))))'
    const error = await rejectsCode('ERR_WASMSH_IMPORT_TYPE', () => start(b, text))
    assert.match(
      error.message,
      /\(func \(param i32\) \(result i32\)\), plugin "meter" provides it as \(func \(param i64\)\)$/,
    )
  })

  test('trap when nobody provides them and that is allowed, and are found once somebody does', async () => {
    await using b = await pluginBench([])
    const wasm = await compileWat(asking)
    const options = { ...quiet, name: 'first', allowMissingImports: true }
    const guest = await b.shell.run(wasm, options)
    await guest.wait()
    assert.is(guest.trap?.reason, 'failed to call unlinked import function (env, meter_ask)')

    b.shell.plugins.add(meter().plugin)
    const other = await b.shell.run(wasm, { ...quiet, name: 'second' })
    assert.equal(await other.wait(), { kind: 'ended', code: 7 })
  })

  test('are what they are called, underscores included', async () => {
    const imports = {
      odd: {
        f: { params: [], results: ['i32'] },
        _f: { params: [], results: ['i32'] },
        __f: { params: [], results: ['i32'] },
      },
    } as const
    const functions = { odd: { f: () => 1, _f: () => 2, __f: () => 3 } }
    const { plugin } = meter({}, { imports }, (t) => Object.assign(t, { imports: functions }))
    await using b = await pluginBench([plugin])
    const one = (name: string): string => `(module (import "odd" "${name}" (func $f (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (call $f))))`
    const codes: unknown[] = []
    for (const name of ['__f', 'f', '_f', '__f', 'f']) {
      const guest = await b.shell.run(await compileWat(one(name)), quiet)
      codes.push(await guest.wait())
    }
    assert.equal(
      codes,
      [3, 1, 2, 3, 1].map((code) => ({ kind: 'ended', code })),
    )
  })

  test('need a function in the tracker', async () => {
    const { plugin } = meter({}, {}, (t) => Object.assign(t, { imports: { env: {} } }))
    await using b = await pluginBench([plugin])
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_INVALID', () => start(b, asking))
    assert.match(error.message, /"meter" declares env\.meter_add, but its tracker has no such/)
  })
})

suite('CallMemory', (test) => {
  test('reads what the guest has, and what the call has written', async () => {
    const seen: unknown[] = []
    const ask = ({ memory }: HostCall): number => {
      seen.push(memory.load('u32', 16))
      memory.write(18, Uint8Array.of(9, 9))
      seen.push(memory.load('u32', 16), [...memory.read(15, 6)])
      memory.store('f64', 32, -0.5)
      seen.push(memory.load('f64', 32), memory.readText(16, 1))
      return 0
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(
      b,
      meterGuest(`(i32.store (i32.const 16) (i32.const 0x04030241))
        (drop (call $meter_ask (i32.const 0)))
        (global.set $result (i64.load (i32.const 16)))
        (global.set $float (f64.load (i32.const 32)))
        unreachable`),
    )
    await guest.wait()
    assert.equal(seen, [0x04030241, 0x09090241, [0, 0x41, 2, 9, 9, 0], -0.5, 'A'])
    assert.is(guest.globals()[0]?.bits, 0x09090241n)
    assert.is(guest.globals()[1]?.text, '-0.5')
  })

  test('has no copy that the guest can see change', async () => {
    const ask = ({ memory }: HostCall): number => {
      const bytes = Uint8Array.of(1)
      memory.write(16, bytes)
      bytes[0] = 2
      memory.read(16, 1)[0] = 3
      return memory.load('u8', 16)
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    assert.equal(await guest.wait(), { kind: 'ended', code: 1 })
  })

  test('ends where the memory ends', async () => {
    const places = [
      [65536, 1],
      [65535, 2],
      [-1, 1],
      [0, 65537],
      [0, -1],
      [2 ** 31, 2 ** 33],
      [0.5, 1],
      [Number.NaN, 1],
    ] as const
    const ask = ({ memory }: HostCall): number => {
      for (const [address, length] of places) {
        throwsCode('ERR_WASMSH_MEMORY_RANGE', () => memory.read(address, length))
      }
      throwsCode('ERR_WASMSH_MEMORY_RANGE', () => memory.write(65535, new Uint8Array(2)))
      throwsCode('ERR_WASMSH_MEMORY_RANGE', () => memory.load('u64', 65530))
      return memory.read(65536, 0).length + memory.load('u8', 65535)
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
  })

  test('traps a call that leaves it, without effect', async () => {
    const ask = ({ memory }: HostCall): number => {
      memory.write(0, Uint8Array.of(1))
      memory.write(65536, Uint8Array.of(1))
      return 0
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    await guest.wait()
    assert.is(guest.trap?.reason, 'plugin meter, env.meter_ask: out of bounds memory access')
    assert.equal([...guest.readMemory(0n, 1)], [0])
  })

  test('is out of reach once the call is over', async () => {
    const calls: HostCall[] = []
    const ask = (call: HostCall): number => calls.push(call)
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    await guest.wait()
    throwsCode('ERR_WASMSH_PLUGIN_CALL_OVER', () => calls[0]?.memory.read(0, 1))
    throwsCode('ERR_WASMSH_PLUGIN_CALL_OVER', () => calls[0]?.memory.write(0, Uint8Array.of(1)))
  })
})

suite('a pause in a host function', (test) => {
  const timeLimits = { pluginLimits: { pauseMs: 150 } }

  test('waits for the function to settle, which is then done', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const { call, answer } = await q.next()
    assert.not(call.signal.aborted)
    call.signal.addEventListener('abort', () => {
      call.memory.write(100, Uint8Array.of(5))
      answer(4)
    })
    await guest.pause()
    assert.is(guest.state, 'paused')
    assert.is(guest.info().hostCall, null)
    assert.equal([...guest.readMemory(100n, 1)], [5])
    guest.resume()
    assert.equal(await guest.wait(), { kind: 'ended', code: 4 })
  })

  test('leaves a call pending that has not begun, and makes it again', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const first = await q.next()
    first.call.signal.addEventListener('abort', () => first.fail(new NotBegun()))
    await guest.pause()
    assert.is(guest.info().hostCall, 'env.meter_ask')

    guest.resume()
    const second = await q.next()
    assert.not(second.call.signal.aborted)
    second.answer(6)
    assert.equal(await guest.wait(), { kind: 'ended', code: 6 })
  })

  test('is taken back after a while, with the name of the plugin', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin], timeLimits)
    const guest = await start(b, asking)
    const { call, answer } = await q.next()
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_PAUSE', () => guest.pause())
    assert.match(error.message, /^Plugin "meter" holds up the pause of "meter": env\.meter_ask/)
    assert.ok(call.signal.aborted)
    assert.is(guest.state, 'running')
    await rejectsCode('ERR_WASMSH_PLUGIN_PAUSE', () => guest.snapshot('no'))
    assert.is(guest.state, 'running')

    answer(2)
    assert.equal(await guest.wait(), { kind: 'ended', code: 2 })
  })

  test('can be had after one that was taken back', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin], timeLimits)
    const guest = await start(b, asking)
    const first = await q.next()
    await rejectsCode('ERR_WASMSH_PLUGIN_PAUSE', () => guest.pause())
    first.fail(new NotBegun())
    // Nobody wants it to stand still any more: it is asked again at once.
    const second = await q.next()
    assert.not(second.call.signal.aborted)
    second.call.signal.addEventListener('abort', () => second.fail(new NotBegun()))
    await guest.pause()
    assert.is(guest.state, 'paused')
  })

  test('that is there already finds the signal aborted', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const pausing = guest.pause()
    const question = await Promise.race([q.next(), pausing])
    if (question !== undefined) {
      assert.ok(question.call.signal.aborted)
      question.fail(new NotBegun())
    }
    await pausing
    assert.is(guest.state, 'paused')
  })
})

suite('a guest that waits for a host function', (test) => {
  test('can be killed, and a late answer is dropped', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const { call, answer } = await q.next()
    await guest.kill()
    assert.is(guest.state, 'killed')
    assert.ok(call.signal.aborted)
    answer(1)
    await new Promise((done) => setImmediate(done))
    const next = await start(b, adding(3))
    assert.equal(await next.wait(), { kind: 'ended', code: 3 })
  })

  test('ends with its shell', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const { call } = await q.next()
    await b.shell.close()
    assert.is(guest.state, 'killed')
    assert.ok(call.signal.aborted)
  })

  test('is one of many, each with its own answer', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const wasm = await compileWat(asking)
    const guests = await Promise.all(
      Array.from({ length: 40 }, (_, i) => b.shell.run(wasm, { ...quiet, name: `g${i}` })),
    )
    for (const _ of guests) {
      const { call, answer } = await q.next()
      answer(Number(call.guest.name.slice(1)))
    }
    const codes = await Promise.all(guests.map((guest) => guest.wait()))
    assert.equal(
      codes,
      guests.map((_, code) => ({ kind: 'ended', code })),
    )
  })

  test('waits while JavaScript is busy, and goes on', async () => {
    await using b = await pluginBench([meter().plugin])
    const guest = await start(b, adding(2000))
    const until = performance.now() + 100
    while (performance.now() < until);
    assert.equal(await guest.wait(), { kind: 'ended', code: 2000 & 127 })
  })

  test('can be paused between many calls', async () => {
    const m = meter()
    await using b = await pluginBench([m.plugin])
    const guest = await start(b, adding(1_000))
    let pauses = 0
    const pauseOnce = async (): Promise<boolean> => {
      await guest.pause().catch(() => undefined)
      if (guest.state !== 'paused') return false
      guest.resume()
      await new Promise((done) => setImmediate(done))
      return true
    }
    while (await pauseOnce()) pauses++
    assert.equal(await guest.wait(), { kind: 'ended', code: 1_000 & 127 })
    assert.is(m.tracker.reading, 1_000n)
    assert.ok(pauses > 10, `${pauses} pauses`)
  })
})

suite('a snapshot in a host function', (test) => {
  test('holds the call, which another process makes again', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(
      b,
      meterGuest(`(global.set $result (call $meter_add (i32.const 40)))
        (call $proc_exit (call $meter_ask (i32.const 7)))`),
    )
    const first = await q.next()
    first.call.signal.addEventListener('abort', () => first.fail(new NotBegun()))
    await guest.snapshot('waiting')
    const stored = await b.shell.store.read('waiting')
    assert.is(stored.entry.manifest.status, 'host-call')

    const other = questions()
    const m = meter(other)
    const shell = await b.reopen(m.plugin)
    const again = await shell.recover('waiting', { name: 'again' })
    const second = await other.next()
    assert.is(second.call.guest.name, 'again')
    assert.is(m.tracker.reading, 40n)
    second.answer(8)
    assert.equal(await again.wait(), { kind: 'ended', code: 8 })
  })

  test('can be recovered paused, and is pending then', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const first = await q.next()
    first.call.signal.addEventListener('abort', () => first.fail(new NotBegun()))
    await guest.snapshot('waiting')
    await guest.kill()

    const again = await b.shell.recover('waiting', { name: 'again', paused: true })
    assert.is(again.info().hostCall, 'env.meter_ask')
    await again.snapshot('twice')
    again.resume()
    const second = await q.next()
    second.answer(11)
    assert.equal(await again.wait(), { kind: 'ended', code: 11 })
  })

  test('cannot be recovered without the plugin', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await start(b, asking)
    const first = await q.next()
    first.call.signal.addEventListener('abort', () => first.fail(new NotBegun()))
    await guest.snapshot('waiting')

    const shell = await b.reopen()
    const missing = await rejectsCode('ERR_WASMSH_PLUGIN_MISSING', () => shell.recover('waiting'))
    assert.match(missing.message, /plugin "meter"/)
    const without = await rejectsCode('ERR_WASMSH_IMPORT_UNKNOWN', () =>
      shell.recover('waiting', { without: ['meter'] }),
    )
    assert.match(without.message, /waits in env\.meter_ask, which no plugin provides/)
  })
})

suite('calls of host functions in the log', (test) => {
  test('have their arguments, results and what they wrote', async () => {
    await using b = await pluginBench([meter().plugin])
    const guest = await start(
      b,
      meterGuest(`(drop (call $meter_add (i32.const -2)))
        (drop (call $meter_read (i32.const 64) (i32.const 8)))
        (drop (call $meter_mix (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4)))`),
    )
    await guest.wait()
    const operations = guest.log?.read(1n, 10) ?? []
    const plain = operations.map(({ call, parameters, results, writes, frames }) => ({
      call,
      given: Object.fromEntries(parameters.map(({ name, value }) => [name, value])),
      got: results.map(({ value }) => value),
      wrote: writes.map(({ address, bytes }) => [address, ...bytes]),
      isTraced: frames.length > 0,
    }))
    assert.equal(plain, [
      {
        call: 'env.meter_add',
        given: { amount: 0xfffffffen },
        got: [2n ** 64n - 2n],
        wrote: [],
        isTraced: true,
      },
      {
        call: 'env.meter_read',
        given: { address: 64n, length: 8n },
        got: [8n],
        wrote: [[64, 0xfe, 255, 255, 255, 255, 255, 255, 255]],
        isTraced: false,
      },
      {
        call: 'env.meter_mix',
        given: { 0: 1n, 1: 2n, 2: 0x40400000n, 3: 0x4010000000000000n },
        got: [0x4024000000000000n],
        wrote: [],
        isTraced: false,
      },
    ])
  })

  test('go to the plugin when they change something', async () => {
    const m = meter({}, { creates: ['env.meter_ask'] })
    await using b = await pluginBench([m.plugin])
    const guest = await start(
      b,
      meterGuest(`(drop (call $meter_add (i32.const 1)))
        (drop (call $meter_read (i32.const 64) (i32.const 8)))
        (drop (call $meter_ask (i32.const 3)))
        unreachable`),
    )
    await guest.wait()
    guest.planSnapshot()
    assert.equal(
      m.tracker.recorded.map(({ seq, call, creates }) => [seq, call, creates]),
      [
        [1n, 'env.meter_add', null],
        [3n, 'env.meter_ask', 'meter/1'],
      ],
    )
  })

  test('keep the length of what is too long to be kept', async () => {
    const ask = ({ memory }: HostCall): number => {
      memory.write(0, new Uint8Array(60_000).fill(7))
      for (let at = 0; at < 100; at++) memory.write(at, Uint8Array.of(at))
      return 0
    }
    await using b = await pluginBench([meter({ ask }).plugin])
    const guest = await start(b, asking)
    await guest.wait()
    const [operation] = guest.log?.read(1n, 1) ?? []
    assert.is(operation?.writes.length, 64)
    assert.is(operation?.writes[0]?.length, 60_000)
    assert.is(operation?.writes[0]?.bytes.length, 4096)
    assert.is(operation?.writes[1]?.bytes.length, 0)
  })
})
