/** Pipes between guests that run. */
import * as assert from 'uvu/assert'
import { openDescriptors, openedSince } from '../../support/descriptors.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { bench, collect, exitCode, until } from './bench.js'
import { mover, poller, relay, sender, sequence, statter } from './pipe-guests.js'

const pipe = 64 // errno of preview 1
const hangup = 1 // eventrwflags

suite('pipes between guests', (test) => {
  test('give every byte once, and then the end', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const reader = await b.run(relay(0, 1, 700), { stdin: { resource: 'pipe:p' } })
    const output = collect(reader.stdout)
    const writer = await b.run(sender(1, 300_000, 6000), { stdout: { resource: 'pipe:p' } })
    assert.equal(await Promise.all([writer, reader].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(300_000)))
  })

  test('stand at any descriptor', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const writer = await b.run(sender(9, 5000, 100), { descriptors: { 9: 'pipe:p:w' } })
    const reader = await b.run(relay(5, 1, 64), { descriptors: { 5: 'pipe:p:r' } })
    const output = collect(reader.stdout)
    assert.equal(await Promise.all([writer, reader].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(5000)))
  })

  test('keep what was written before there is a reader', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const writer = await b.run(sender(1, 5000, 100), { stdout: { resource: 'pipe:p' } })
    assert.is(await exitCode(writer), 0)
    assert.is(b.pipes.get('p').waiting(), 5000)
    const reader = await b.run(relay(0, 1, 64), { stdin: { resource: 'pipe:p' } })
    const output = collect(reader.stdout)
    assert.is(await exitCode(reader), 0)
    assert.ok(output.all().equals(sequence(5000)))
  })

  test('fail with "pipe" once the reader has gone, however it went', async () => {
    await using b = await bench()
    for (const isKilled of [true, false]) {
      const made = b.pipes.create(`p${isKilled}`, 4096)
      const stdin = { resource: `pipe:${made.name}` }
      const reader = isKilled
        ? await b.run(relay(0, 1, 10), { stdin, paused: true })
        : await b.run(mover(1, 0, 99), { stdin })
      const writer = await b.run(sender(1, 90_000, 5000), {
        stdout: { resource: `pipe:${made.name}` },
      })
      if (isKilled) {
        await until(() => made.waiting() === 4096)
        await reader.kill()
      }
      assert.is(await exitCode(writer), pipe)
      await reader.kill()
    }
  })

  test('stay open while a guest that has an end is paused', async () => {
    await using b = await bench()
    const made = b.pipes.create('p', 4096)
    const writer = await b.run(sender(1, 20_000, 5000), { stdout: { resource: 'pipe:p' } })
    const reader = await b.run(relay(0, 1, 700), { stdin: { resource: 'pipe:p' }, paused: true })
    const output = collect(reader.stdout)
    await until(() => made.waiting() === 4096)
    await writer.pause()
    reader.resume()
    await until(() => made.waiting() === 0)
    assert.is(reader.state, 'running')
    writer.resume()
    assert.equal(await Promise.all([writer, reader].map(exitCode)), [0, 0])
    assert.ok(output.all().equals(sequence(20_000)))
  })

  test('can be polled at both ends', async () => {
    await using b = await bench()
    const made = b.pipes.create('p', 4096)
    const writer = await b.run(sender(1, 12_000, 4000), { stdout: { resource: 'pipe:p' } })
    const waits = await b.run(poller(4, 2), { descriptors: { 4: 'pipe:p:w' } })
    await until(() => made.waiting() > 0 && waits.info().hostCall !== null)
    assert.is(waits.state, 'running')
    const reader = await b.run(relay(0, 1, 700), { stdin: { resource: 'pipe:p' } })
    assert.is(await exitCode(waits), 10)
    assert.equal(await Promise.all([writer, reader].map(exitCode)), [0, 0])

    b.pipes.create('q')
    const ready = await b.run(poller(4, 1), { descriptors: { 4: 'pipe:q:r' } })
    await until(() => ready.info().hostCall !== null)
    const other = await b.run(sender(1, 10, 10), { stdout: { resource: 'pipe:q' } })
    assert.ok([10, 10 + hangup].includes(await exitCode(ready)))
    await exitCode(other)
  })

  test('tell a poller that the other end is closed', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const writer = await b.run(sender(1, 10, 10), { stdout: { resource: 'pipe:p' } })
    await exitCode(writer)
    const reader = await b.run(poller(0, 1), { stdin: { resource: 'pipe:p' } })
    assert.is(await exitCode(reader), 10 + hangup)
    b.pipes.create('q')
    await exitCode(await b.run(statter(0), { stdin: { resource: 'pipe:q' } }))
    const late = await b.run(poller(1, 2), { stdout: { resource: 'pipe:q' } })
    assert.is(await exitCode(late), 10 + hangup)
  })

  test('tell nothing of the host', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const socketStream = 6
    const guest = await b.run(statter(7), { descriptors: { 7: 'pipe:p:r' } })
    assert.is(await exitCode(guest), socketStream)
  })

  test('are followed through renumbering and closing', async () => {
    await using b = await bench()
    const p = b.pipes.create('p')
    const q = b.pipes.create('q')
    const guest = await b.run(mover(5, 2, 6), {
      descriptors: { 5: 'pipe:p:r', 6: 'pipe:q:w' },
    })
    await until(() => guest.peers().size > 0 || q.isClosed('write'))
    assert.equal(
      p.ends.map(({ fd, access }) => [fd, access]),
      [[2, 'read']],
    )
    assert.ok(q.isClosed('write'))
    await guest.kill()
    assert.ok(p.isClosed('read'))
  })

  test('refuse what cannot be an end, and leave nothing behind', async () => {
    await using b = await bench()
    b.pipes.create('p')
    const before = openDescriptors()
    const wrong = [
      [{ stdout: { resource: 'pipe:none' } }, 'ERR_WASMSH_PIPE_UNKNOWN'],
      [{ stdout: { resource: 'pipe:p:r' } }, 'ERR_WASMSH_PIPE_NAME'],
      [{ stdout: { resource: 'pipe:p:x' } }, 'ERR_WASMSH_PIPE_NAME'],
      [{ stdout: { resource: 'pipe:' } }, 'ERR_WASMSH_PIPE_NAME'],
      [{ stdout: { resource: 'socket:p' } }, 'ERR_WASMSH_RESOURCE_UNKNOWN'],
      [{ descriptors: { 5: 'pipe:p' } }, 'ERR_WASMSH_PIPE_NAME'],
      [{ descriptors: { 1: 'pipe:p:r' } }, 'ERR_WASMSH_DESCRIPTOR_TAKEN'],
      [{ descriptors: { 1024: 'pipe:p:r' } }, 'ERR_WASMSH_OPTION_INVALID'],
      [
        { descriptors: { 3: 'pipe:p:r' }, dirs: [{ host: b.folder, guest: '/' }] },
        'ERR_WASMSH_DESCRIPTOR_TAKEN',
      ],
      [{ descriptors: { 4: 'pipe:p:r', 5: 'pipe:none:r' } }, 'ERR_WASMSH_PIPE_UNKNOWN'],
    ] as const
    for (const [options, code] of wrong) {
      await rejectsCode(code, () => b.run(sender(1, 10, 10), options))
    }
    assert.throws(() => b.pipes.create('p'), /already/)
    assert.throws(() => b.pipes.create('a b'), /cannot be the name/)
    assert.throws(() => b.pipes.create('big', 2 ** 31 - 1), /does not let/)
    assert.equal(b.pipes.all().length, 1)
    assert.equal(openedSince(before), [])
  })

  test('hold what they are asked to hold, rounded up to pages', async () => {
    await using b = await bench()
    assert.is(b.pipes.create('least', 1).capacity, 4096)
    assert.is(b.pipes.create('more', 4097).capacity, 8192)
  })

  test('leave no descriptor open when all is over', async () => {
    await using b = await bench()
    const before = openDescriptors()
    for (let round = 0; round < 3; round++) {
      const target = `pipe:|round_${round}`
      const writer = await b.run(sender(1, 100, 10), { stdout: { resource: target } })
      const reader = await b.run(relay(0, 1, 10), { stdin: { resource: target }, stdout: 'null' })
      assert.equal(await Promise.all([writer, reader].map(exitCode)), [0, 0])
      for (const guest of [writer, reader]) {
        guest.stdout?.destroy()
        guest.stderr?.destroy()
      }
    }
    assert.equal(b.pipes.all(), [])
    await until(() => openedSince(before).length === 0)
  })
})
