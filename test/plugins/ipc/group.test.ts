/** Snapshots of guests that share pipes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Guest } from '../../../src/index.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { type Bench, bench, collect, exitCode, until } from './bench.js'
import { poller, relay, sender, sequence } from './pipe-guests.js'

const pipeError = 64 // errno of preview 1

/** A writer that waits since its pipe is full, and the reader, which has not begun. */
async function blockedWriter(b: Bench): Promise<{ writer: Guest; reader: Guest }> {
  const made = b.pipes.create('p', 4096)
  const stdin = { resource: 'pipe:p' }
  const reader = await b.run(relay(0, 1, 700), { name: 'reader', stdin, paused: true })
  const stdout = { resource: 'pipe:p' }
  const writer = await b.run(sender(1, 24_000, 6000), { name: 'writer', stdout })
  await until(() => made.waiting() === 4096)
  return { writer, reader }
}

async function end(...guests: readonly Guest[]): Promise<void> {
  await Promise.all(guests.map((guest) => guest.kill()))
}

const reasons = (guests: readonly Guest[]): readonly string[] =>
  guests.flatMap(({ degradations }) => degradations.map(({ reason }) => reason))

suite('snapshots of guests that share pipes', (test) => {
  test('keep a writer waiting, with its half-done write and what is in flight', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    const { members } = await b.shell.snapshotGroup(b.shell.groupOf(writer), 'both')
    assert.equal(
      members.map(({ name }) => name),
      ['both.reader', 'both.writer'],
    )
    assert.is(writer.state, 'running')
    await end(writer, reader)

    const [again, waiting] = await b.shell.recoverGroup('both', { paused: true })
    if (again === undefined || waiting === undefined) throw new Error('a guest is missing')
    const [pipe] = b.pipes.all().filter(({ ends }) => ends.length > 0)
    assert.is(pipe?.waiting(), 4096)
    assert.is(pipe?.capacity, 4096)
    waiting.resume()
    await until(() => waiting.info().hostCall?.endsWith('fd_write') === true)
    assert.is(pipe?.waiting(), 4096)
    const output = collect(again.stdout)
    again.resume()
    assert.equal(await Promise.all([again, waiting].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(24_000)))
    assert.equal(reasons([again, waiting]), [])
  })

  test('keep a reader waiting for a writer that is still there', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const reader = await b.run(relay(0, 1, 700), { stdin: { resource: 'pipe:p' } })
    const writer = await b.run(sender(1, 5000, 100), {
      stdout: { resource: 'pipe:p' },
      paused: true,
    })
    await until(() => reader.info().hostCall !== null)
    await b.shell.snapshotGroup(b.shell.groupOf(reader), 'both')
    await end(writer, reader)
    const [again, late] = await b.shell.recoverGroup('both', { paused: true })
    if (again === undefined || late === undefined) throw new Error('a guest is missing')
    const output = collect(again.stdout)
    again.resume()
    await until(() => again.info().hostCall?.endsWith('fd_read') === true)
    late.resume()
    assert.equal(await Promise.all([again, late].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(5000)))
  })

  test('keep the end of a pipe whose writer had ended, behind what is in flight', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const writer = await b.run(sender(1, 5000, 100), { stdout: { resource: 'pipe:p' } })
    const reader = await b.run(relay(0, 1, 700), { stdin: { resource: 'pipe:p' }, paused: true })
    await exitCode(writer)
    await reader.snapshot('late')
    await end(reader)
    const again = await b.shell.recover('late')
    const output = collect(again.stdout)
    assert.is(await exitCode(again), 0)
    assert.ok(output.all().equals(sequence(5000)))
    assert.equal(reasons([again]), [])
  })

  test('keep a pipe broken', async () => {
    await using b = await bench()
    b.pipes.create('p')
    await exitCode(await b.run(poller(1, 2), { stdin: { resource: 'pipe:p' } }))
    const writer = await b.run(sender(1, 5000, 100), {
      stdout: { resource: 'pipe:p' },
      paused: true,
    })
    await writer.snapshot('broken')
    await end(writer)
    const again = await b.shell.recover('broken')
    assert.is(await exitCode(again), pipeError)
    assert.equal(reasons([again]), [])
  })

  test('take three stages, and take them again and again', async () => {
    await using b = await bench()
    b.pipes.create('p', 4096)
    b.pipes.create('q', 4096)
    let guests: readonly Guest[] = [
      await b.run(sender(1, 60_000, 6000), { name: 'a', stdout: { resource: 'pipe:p' } }),
      await b.run(relay(0, 1, 900), {
        name: 'b',
        stdin: { resource: 'pipe:p' },
        stdout: { resource: 'pipe:q' },
      }),
      await b.run(relay(0, 1, 700), { name: 'c', stdin: { resource: 'pipe:q' }, pauseAt: 0n }),
    ]
    const pieces: Uint8Array[] = []
    for (let round = 0; round < 6; round++) {
      const last = guests.at(-1)
      if (last === undefined) throw new Error('a guest is missing')
      const output = collect(last.stdout)
      await last.wait()
      last.resume({ pauseAt: (last.info().position ?? 0n) + 300n })
      await last.wait()
      await b.shell.snapshotGroup(b.shell.groupOf(last), 'three', { force: true })
      pieces.push(output.all())
      await end(...guests)
      guests = await b.shell.recoverGroup('three', { paused: true, counting: true })
      assert.is(guests.length, 3)
      guests.slice(0, 2).forEach((guest) => {
        guest.resume()
      })
    }
    const output = collect(guests.at(-1)?.stdout ?? null)
    guests.at(-1)?.resume()
    assert.equal(await Promise.all(guests.map(exitCode)), [0, 0, 0])
    assert.ok(Buffer.concat([...pieces, output.all()]).equals(sequence(60_000)))
    assert.is((await b.shell.store.list()).length, 3)
  })

  test('let one guest come back alone, and say what that loses', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    await b.shell.snapshotGroup(b.shell.groupOf(writer), 'both')
    await end(writer, reader)
    const alone = await b.shell.recover('both.reader')
    const output = collect(alone.stdout)
    assert.is(await exitCode(alone), 0)
    assert.ok(output.all().equals(sequence(4096)))
    assert.match(reasons([alone]).join(), /lost its write end, which guest writer had/)
    const other = await b.shell.recover('both.writer')
    assert.is(await exitCode(other), pipeError)
    assert.match(reasons([other]).join(), /lost its read end, which guest reader had/)
  })

  test('let guests come back one at a time where ends are left open', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    await b.shell.snapshotGroup(b.shell.groupOf(writer), 'both')
    await end(writer, reader)
    for (const order of [
      ['both.reader', 'both.writer'],
      ['both.writer', 'both.reader'],
    ]) {
      const guests: Guest[] = []
      for (const name of order) {
        guests.push(await b.shell.recover(name, { flags: { ends: 'open' } }))
      }
      const last = guests.find(({ name }) => name === 'reader')
      const output = collect(last?.stdout ?? null)
      assert.equal(await Promise.all(guests.map(exitCode)), [0, 0])
      assert.ok(output.all().equals(sequence(24_000)), order[0])
      assert.equal(reasons(guests), [])
    }
  })

  test('put a file, or another pipe, in the place of an end', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    await b.shell.snapshotGroup(b.shell.groupOf(writer), 'both')
    await end(writer, reader)
    const file = join(b.folder, 'rest')
    const alone = await b.shell.recover('both.writer', { stdout: { file } })
    assert.is(await exitCode(alone), 0)
    assert.ok(readFileSync(file).equals(sequence(24_000).subarray(4096)))
    assert.match(reasons([alone]).join(), /4096 bytes that nobody had read are left behind/)

    b.pipes.create('new')
    const stdout = { resource: 'pipe:new' }
    const [again, other] = [
      await b.shell.recover('both.writer', { stdout }),
      await b.run(relay(0, 1, 700), { stdin: { resource: 'pipe:new' } }),
    ]
    const output = collect(other.stdout)
    assert.equal(await Promise.all([again, other].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(24_000).subarray(4096)))
  })

  test('close the ends of a guest that comes back without the plugin', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    await writer.snapshot('alone')
    await end(writer, reader)
    const badf = 8
    const again = await b.shell.recover('alone', { without: ['ipc'] })
    assert.is(await exitCode(again), badf)
    assert.match(reasons([again]).join(), /is closed/)
  })

  test('are all there or not at all', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    const group = b.shell.groupOf(writer)
    await b.shell.snapshotGroup(group, 'both')
    await rejectsCode('ERR_WASMSH_SNAPSHOT_EXISTS', () => b.shell.snapshotGroup(group, 'both'))
    await b.shell.snapshotGroup(group, 'both', { force: true })
    assert.is((await b.shell.store.list()).length, 2)
    // The second member cannot be stored: the first is not there either.
    await writer.snapshot('other.writer')
    await rejectsCode('ERR_WASMSH_SNAPSHOT_EXISTS', () => b.shell.snapshotGroup(group, 'other'))
    assert.equal((await b.shell.store.list()).map(({ name }) => name).sort(), [
      'both.reader',
      'both.writer',
      'other.writer',
    ])
    assert.is(writer.state, 'running')
    await b.shell.store.forget('both.reader')
    await rejectsCode('ERR_WASMSH_GROUP_INCOMPLETE', () => b.shell.recoverGroup('both'))
    await rejectsCode('ERR_WASMSH_SNAPSHOT_UNKNOWN', () => b.shell.recoverGroup('none'))
    await end(writer, reader)
  })

  test('leave nothing behind when one of the guests cannot be recovered', async () => {
    await using b = await bench()
    const { writer, reader } = await blockedWriter(b)
    await b.shell.snapshotGroup(b.shell.groupOf(writer), 'both')
    await end(writer, reader)
    b.pipes.remove(b.pipes.get('p'))
    await rejectsCode('ERR_WASMSH_OPTION_INVALID', () =>
      b.shell.recoverGroup('both', { without: ['none'] }),
    )
    assert.equal(b.pipes.all(), [])
    assert.ok(b.shell.guests().every(({ state }) => state === 'killed'))
    const guests = await b.shell.recoverGroup('both')
    assert.equal(await Promise.all(guests.map(exitCode)), [0, 0])
  })
}, 60_000)
