/** Guests in the real engine, through the public API. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import * as assert from 'uvu/assert'
import { type Guest, openShell, type Shell } from '../../../src/index.js'
import { openDescriptors, openedSince } from '../../support/descriptors.js'
import * as guests from '../../support/guests.js'
import { suite } from '../../support/suite.js'
import { rejectsCode, throwsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

interface Bench extends AsyncDisposable {
  readonly shell: Shell
  readonly folder: string
}

async function bench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-test-'))
  const shell = await openShell({ home: join(folder, 'store') })
  const dispose = async (): Promise<void> => {
    await shell.close()
    rmSync(folder, { recursive: true })
  }
  return { shell, folder, [Symbol.asyncDispose]: dispose }
}

/** What a stream has delivered so far. */
function collect(stream: Readable | null): () => string {
  const parts: Buffer[] = []
  stream?.on('data', (part: Buffer) => parts.push(part))
  return () => Buffer.concat(parts).toString()
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `${(from + index) % 10}\n`).join('')

suite('a guest', (test) => {
  test('runs to its end; wait comes after its output', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.counter(20)))
    const output = collect(guest.stdout)

    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })

    assert.is(output(), lines(0, 20))
  })

  test('is paused, looked at, edited and resumed', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.counter(20)), { pauseAt: 3n })
    const output = collect(guest.stdout)
    assert.equal(await guest.wait(), { kind: 'paused', reason: 'position' })
    assert.equal(
      guest.frames().map(({ name }) => name),
      ['_start'],
    )

    const edit = guest.set('local i', 15)
    guest.resume()
    await guest.wait()

    assert.equal(edit.target, 'local 0')
    assert.is(edit.old, '0')
    assert.is(output(), lines(15, 20))
  })

  test('gives its results by their type', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.exporter), {
      invoke: 'add',
      invokeArgs: ['-1', '9223372036854775807', '0.5', '-0'],
    })
    await guest.wait()
    assert.equal(
      guest.results.map(({ type, text }) => `${type} ${text}`),
      ['i32 0', 'i64 -9223372036854775808', 'f32 1.5', 'f64 1'],
    )
  })

  test('that traps stays to be looked at', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.trapper))

    const outcome = await guest.wait()

    assert.is(outcome.kind, 'trapped')
    assert.is(guest.trap?.reason, 'unreachable')
    assert.equal(
      guest.frames().map(({ name }) => name),
      ['inner', 'outer', '_start'],
    )
    assert.is(guest.locals(0)[0]?.text, '42')
    guest.resume()
    assert.is((await guest.wait()).kind, 'trapped')
  })

  test('that recurses without end traps and harms nobody', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.recursion))
    const outcome = await guest.wait()
    assert.is(outcome.kind, 'trapped')
    assert.match(guest.trap?.reason ?? '', /stack/)
    assert.ok(guest.frames(0, 10).length === 10)
  })

  test('that never ends is paused, stepped and killed', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.spinner))
    const turns = () => BigInt(guest.globals()[0]?.text ?? '0')
    await guest.pause()
    assert.equal(await guest.step(6), { kind: 'paused', reason: 'step' })
    const before = turns()

    // One turn is five instructions: a branch goes to behind the loop's own opcode.
    assert.equal(await guest.step(5), { kind: 'paused', reason: 'step' })
    assert.is(turns() - before, 1n)
    guest.resume()
    assert.equal(await guest.wait({ timeoutMs: 20 }), { kind: 'timeout' })
    await guest.kill()

    assert.is(guest.state, 'killed')
    throwsCode('ERR_WASMSH_GUEST_ENDED', () => guest.frames())
  })

  test('that writes without end waits for its reader', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.flood))
    let written = 0n
    for (;;) {
      await guest.wait({ timeoutMs: 50 })
      const { stdoutBytes } = guest.info()
      if (stdoutBytes === written) break
      written = stdoutBytes
    }
    assert.ok(written < 1_000_000n, `${written} bytes were taken`)

    await guest.pause()
    const whole = guest.view()
    assert.is(whole.threads[0]?.status, 'host-call')
    // What a snapshot is listed by: the same, without what may take long to read.
    const outside = guest.engine.view(guest.id, false)
    const threads = whole.threads.map((thread) => ({ ...thread, frames: [] }))
    assert.equal(outside, { ...whole, memories: [], instances: [], threads })
    await guest.kill()
  })

  test('takes input as it is given', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.copier))
    const output = collect(guest.stdout)
    guest.stdin?.write('one ')
    guest.stdin?.end('two')
    assert.equal(await guest.wait(), { kind: 'ended', code: 3 })
    assert.is(output(), 'one two')
  })

  test('counts its instructions when told to', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.counter(20)), { counting: true })
    collect(guest.stdout)
    await guest.wait()
    const total = guest.info().position
    const again = await b.shell.run(await compileWat(guests.counter(20)), {
      pauseAt: (total ?? 0n) - 1n,
    })
    collect(again.stdout)

    assert.equal(await again.wait(), { kind: 'paused', reason: 'position' })
    assert.equal(await again.step(1), { kind: 'ended', code: 0 })
  })
})

suite('a question that makes no sense', (test) => {
  type Ask = (guest: Guest) => unknown
  const cases: readonly [string, Parameters<typeof throwsCode>[0], Ask][] = [
    ['frames from -1', 'ERR_WASMSH_OPTION_INVALID', (guest) => guest.frames(-1)],
    ['frames from 0.5', 'ERR_WASMSH_OPTION_INVALID', (guest) => guest.frames(0.5)],
    ['locals of frame 7', 'ERR_WASMSH_FRAME_UNKNOWN', (guest) => guest.locals(7)],
    ['operands of frame NaN', 'ERR_WASMSH_FRAME_UNKNOWN', (guest) => guest.operands(Number.NaN)],
    ['memory at -1', 'ERR_WASMSH_MEMORY_RANGE', (guest) => guest.readMemory(-1, 4)],
    ['memory at 1.5', 'ERR_WASMSH_MEMORY_RANGE', (guest) => guest.readMemory(1.5, 4)],
    ['memory at 2^70', 'ERR_WASMSH_MEMORY_RANGE', (guest) => guest.readMemory(2n ** 70n, 1)],
    ['memory behind the end', 'ERR_WASMSH_MEMORY_RANGE', (guest) => guest.readMemory(65535, 2)],
    ['a length of NaN', 'ERR_WASMSH_OPTION_INVALID', (guest) => guest.readMemory(0, Number.NaN)],
    ['another memory', 'ERR_WASMSH_MEMORY_RANGE', (guest) => guest.readMemory(0, 1, 1)],
    ['elements of no table', 'ERR_WASMSH_EDIT_RANGE', (guest) => guest.tableElements(0)],
    ['set pc into the void', 'ERR_WASMSH_PC_INVALID', (guest) => guest.set('pc', 100_000)],
    ['set across the end', 'ERR_WASMSH_MEMORY_RANGE', (guest) => guest.set('u32[65534]', 1)],
    ['set half a byte', 'ERR_WASMSH_EDIT_VALUE', (guest) => guest.set('bytes[0]', 'abc')],
    ['set a missing local', 'ERR_WASMSH_EDIT_TARGET', (guest) => guest.set('local 5', 1)],
    ['set a missing operand', 'ERR_WASMSH_EDIT_TARGET', (guest) => guest.set('stack 0', 1)],
    ['set a missing table', 'ERR_WASMSH_EDIT_TARGET', (guest) => guest.set('table 0[0]', 'null')],
    ['set an i32 to 1.5', 'ERR_WASMSH_EDIT_VALUE', (guest) => guest.set('local 0', 1.5)],
    ['code of no function', 'ERR_WASMSH_FUNCTION_UNKNOWN', (guest) => guest.module.disassemble(99)],
  ]
  for (const [what, code, ask] of cases) {
    test(`${what} is refused with ${code}`, async () => {
      await using b = await bench()
      const guest = await b.shell.run(await compileWat(guests.counter(1)), { paused: true })
      throwsCode(code, () => ask(guest))
      assert.equal(guest.edits(), [])
    })
  }
})

suite('descriptors', (test) => {
  test('are closed when a guest cannot start', async () => {
    await using b = await bench()
    const module = await compileWat(guests.counter(20))
    const start = (): Promise<unknown> => b.shell.run(module, { memoryLimitBytes: 0 })
    await rejectsCode('ERR_WASMSH_MEMORY_LIMIT', start)
    const before = openDescriptors()

    for (let round = 0; round < 10; round++) await rejectsCode('ERR_WASMSH_MEMORY_LIMIT', start)

    assert.equal(openedSince(before), [])
  })

  test('of output that nobody reads are few, however many guests have run', async () => {
    await using b = await bench()
    const module = await compileWat(guests.counter(1))
    const before = openDescriptors()
    for (let round = 0; round < 100; round++) await (await b.shell.run(module)).wait()
    const opened = openedSince(before).length
    assert.ok(opened < 100, `${opened} descriptors are open`)
  })
})

suite('a snapshot', (test) => {
  test('is recovered as it was, more than once', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.counter(20)), { pauseAt: 300n })
    const before = collect(guest.stdout)
    await guest.wait()
    const { name } = await guest.snapshot('half')
    const frames = guest.frames()
    await guest.kill()

    for (let round = 0; round < 2; round++) {
      const again = await b.shell.recover(name, { paused: true })
      const after = collect(again.stdout)
      assert.equal(again.frames(), frames)
      again.resume()
      assert.equal(await again.wait(), { kind: 'ended', code: 0 })
      assert.is(before() + after(), lines(0, 20))
    }
  })

  test('of a running guest lets it go on', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.spinner))
    await guest.snapshot('spin')
    assert.is(guest.state, 'running')
    const again = await b.shell.recover('spin')
    assert.is(again.state, 'running')
    assert.is(again.name, 'module-2')
  })

  test('takes unread input along, whatever its size, and the end of it', async () => {
    await using b = await bench()
    const input = Buffer.alloc(300_000)
    for (let at = 0; at < input.length; at++) input[at] = 97 + ((at * 7 + (at >> 8)) % 26)
    const guest = await b.shell.run(await compileWat(guests.copier))
    const before = collect(guest.stdout)
    guest.stdin?.end(input)
    while (before().length < 50_000) await guest.wait({ timeoutMs: 1 })
    await guest.pause()
    await guest.wait()
    await guest.snapshot('reading')
    await guest.kill()

    const again = await b.shell.recover('reading')
    const after = collect(again.stdout)
    assert.equal(await again.wait(), { kind: 'ended', code: 3 })

    assert.is(before() + after(), input.toString())
  })

  test('has unread input and its end ready for a guest that does not wait for it', async () => {
    await using b = await bench()
    const module = await compileWat(guests.hasty)
    for (const [name, input] of [
      ['some', 'data'],
      ['none', ''],
    ] as const) {
      const guest = await b.shell.run(module, { paused: true })
      guest.stdin?.end(input)
      await guest.snapshot(name)
      await guest.kill()
      for (let round = 0; round < 10; round++) {
        const again = await b.shell.recover(name)
        const output = collect(again.stdout)
        await again.wait()
        assert.is(output(), input)
      }
    }
  })

  test('of a guest that waits for input waits again', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.copier))
    while (guest.info().hostCall === null) await guest.wait({ timeoutMs: 1 })
    await guest.snapshot('waiting')
    await guest.kill()

    const again = await b.shell.recover('waiting')
    const output = collect(again.stdout)
    again.stdin?.end('late')
    assert.equal(await again.wait(), { kind: 'ended', code: 3 })
    assert.is(output(), 'late')
  })

  test('keeps the edits, its own and earlier ones', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.counter(20)), { paused: true })
    guest.set('global total', 5)
    await guest.snapshot('one')
    const again = await b.shell.recover('one', { paused: true })
    again.set('u32[0x10]', '0xffffffff')
    const { manifest } = await again.snapshot('two')

    assert.equal(
      manifest.edits.map(({ target, old, new: now }) => `${target} ${old} ${now}`),
      ['global 0 0 5', 'u32[0x10] 0 4294967295'],
    )
  })

  test('of a trapped guest traps again', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.trapper))
    const outcome = await guest.wait()
    await guest.snapshot('trap')
    const again = await b.shell.recover('trap')
    assert.equal(await again.wait(), outcome)
  })

  test('refuses a position that has passed, and leaves no guest', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(guests.counter(20)), { pauseAt: 300n })
    await guest.wait()
    await guest.snapshot('late')
    await guest.kill()
    await rejectsCode('ERR_WASMSH_POSITION_PASSED', () => b.shell.recover('late', { pauseAt: 9n }))
    assert.is(b.shell.guests().length, 1)
  })
})
