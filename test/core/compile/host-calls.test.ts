/** Host calls of guests in compiled code: functions of plugins, pipes and waits, at a pause too. */
import * as assert from 'uvu/assert'
import { type HostCall, NotBegun } from '../../../src/core/plugin.js'
import { bench, collect, exitCode, until } from '../../plugins/ipc/bench.js'
import { poller, relay, sender, sequence } from '../../plugins/ipc/pipe-guests.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { asking, meter, meterGuest } from '../../support/meter.js'
import { pluginBench } from '../../support/plugin-bench.js'
import { suite } from '../../support/suite.js'
import { compileWat } from '../../support/wat.js'

const compiled = { engine: 'aot', stdin: 'null' } as const

/** Each question of a guest as it comes, to be answered by the test. */
function questions(): {
  readonly ask: (call: HostCall) => Promise<number>
  next(): Promise<{ readonly call: HostCall; answer(value: number): void; refuse(): void }>
} {
  type Question = Awaited<ReturnType<ReturnType<typeof questions>['next']>>
  const asked: Question[] = []
  let wake = (): void => undefined
  return {
    ask: (call) =>
      new Promise((resolve, reject) => {
        asked.push({ call, answer: resolve, refuse: () => reject(new NotBegun()) })
        wake()
      }),
    next: async () => {
      for (;;) {
        const first = asked.shift()
        if (first !== undefined) return first
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

suite('host functions of compiled code', (test) => {
  if (!hasCompiler) return test.skip('take and give each type', noCompiler)

  test('take and give each type', async () => {
    const m = meter()
    await using b = await pluginBench([m.plugin])
    const body = `(global.set $float (call $meter_mix
        (i32.const -5) (i64.const -9007199254740993) (f32.const 1.5) (f64.const -0.125)))
      (global.set $result (call $meter_add (i32.const 40)))
      (drop (call $meter_read (i32.const 64) (i32.const 8)))
      unreachable`
    const guest = await b.shell.run(await compileWat(meterGuest(body)), compiled)
    await guest.wait()
    assert.equal(m.tracker.mixed, [[-5, -9007199254740993n, 1.5, -0.125]])
    assert.equal(
      guest.globals().map(({ text }) => text),
      ['40', '-9007199254740994'],
    )
    assert.equal([...guest.readMemory(64, 8)], [40, 0, 0, 0, 0, 0, 0, 0])
    await guest.kill()
  })

  test('settle at a pause, and are done then', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await b.shell.run(await compileWat(asking), compiled)
    const { call, answer } = await q.next()
    call.signal.addEventListener('abort', () => {
      call.memory.write(100, Uint8Array.of(5))
      answer(4)
    })
    await guest.pause()
    assert.is(guest.info().hostCall, null)
    assert.equal([...guest.readMemory(100, 1)], [5])
    guest.resume()
    assert.equal(await guest.wait(), { kind: 'ended', code: 4 })
  })

  test('that have not begun are stored, and made again in compiled code', async () => {
    const q = questions()
    await using b = await pluginBench([meter(q).plugin])
    const guest = await b.shell.run(await compileWat(asking), compiled)
    const first = await q.next()
    first.call.signal.addEventListener('abort', () => first.refuse())
    await guest.pause()
    assert.is(guest.info().hostCall, 'env.meter_ask')
    const { status, manifest } = await guest.snapshot('waiting')
    assert.is(status, 'host-call')
    assert.is(manifest.engine, 'aot')
    guest.resume()
    const second = await q.next()
    second.answer(6)
    assert.equal(await guest.wait(), { kind: 'ended', code: 6 })

    const other = questions()
    const shell = await b.reopen(meter(other).plugin)
    for (const [engine, value] of [
      ['aot', 7],
      ['interp', 8],
    ] as const) {
      const again = await shell.recover('waiting', { engine })
      const { answer } = await other.next()
      answer(value)
      assert.equal(await again.wait(), { kind: 'ended', code: value })
    }
  })
}, 120_000)

suite('pipes of compiled code', (test) => {
  if (!hasCompiler) return test.skip('give every byte once, with pauses between', noCompiler)

  test('give every byte once, with pauses between', async () => {
    await using b = await bench()
    const made = b.pipes.create('p', 4096)
    const stdin = { resource: 'pipe:p' }
    const reader = await b.run(relay(0, 1, 700), { ...compiled, stdin, name: 'reader' })
    const output = collect(reader.stdout)
    // It waits for what nobody has written.
    await until(() => reader.info().hostCall !== null)
    await reader.pause()
    assert.match(String(reader.info().hostCall), /fd_read$/)
    const writer = await b.run(sender(1, 60_000, 6000), {
      ...compiled,
      stdout: { resource: 'pipe:p' },
      name: 'writer',
    })
    await until(() => made.waiting() === 4096)
    await writer.pause()
    assert.match(String(writer.info().hostCall), /fd_write$/)
    for (let turns = 0; turns < 20 && writer.state === 'paused'; turns++) {
      reader.resume()
      writer.resume()
      // Either may have ended by then.
      await Promise.all([reader, writer].map((one) => one.pause().catch(() => undefined)))
    }
    for (const one of [reader, writer]) if (one.state === 'paused') one.resume()
    assert.equal(await Promise.all([writer, reader].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(60_000)))
  })

  test('are polled, and the wait goes on behind a pause', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const guest = await b.run(poller(0, 1), { ...compiled, stdin: { resource: 'pipe:p' } })
    await until(() => guest.info().hostCall !== null)
    await guest.pause()
    assert.match(String(guest.info().hostCall), /poll_oneoff$/)
    guest.resume()
    await until(() => guest.info().hostCall !== null)
    const writer = await b.run(sender(1, 100, 100), {
      ...compiled,
      stdout: { resource: 'pipe:p' },
      paused: true,
    })
    writer.resume()
    assert.is(await exitCode(writer), 0)
    assert.ok([10, 11].includes(await exitCode(guest)))
  })
}, 120_000)
