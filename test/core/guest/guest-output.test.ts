import { closeSync, writeSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import * as assert from 'uvu/assert'
import { delivered, openOutput } from '../../../src/core/guest/guest-output.js'
import { makePipe } from '../../support/fake-native.js'
import { suite } from '../../support/suite.js'

const never = new AbortController().signal

suite('delivered', (test) => {
  test('waits until the reader was given that many bytes', async () => {
    const { read, write } = makePipe()
    const output = openOutput(read)
    let got = 0
    output.on('data', (chunk: Buffer) => {
      got += chunk.length
    })
    for (let round = 0; round < 10; round++) writeSync(write, Buffer.alloc(4000))

    await delivered(output, 40_000n, never)

    assert.is(got, 40_000)
    closeSync(write)
    await delivered(output, null, never)
    assert.ok(output.readableEnded)
  })

  test('waits for a slow reader behind a pipe', async () => {
    const { read, write } = makePipe()
    const output = openOutput(read)
    const slow = new PassThrough({ highWaterMark: 1000 })
    output.pipe(slow)
    const turn = (): Promise<void> => new Promise((next) => setImmediate(next))
    for (let round = 0; round < 3; round++) {
      writeSync(write, Buffer.alloc(20_000))
      for (let count = 0; count < 3; count++) await turn()
    }
    closeSync(write)
    let isDone = false
    const done = delivered(output, null, never).then(() => {
      isDone = true
    })
    for (let count = 0; count < 5; count++) await turn()
    assert.is(isDone, false)

    slow.resume()
    await done

    assert.ok(output.readableEnded)
  })

  test('does not wait when nobody reads', async () => {
    const { read, write } = makePipe()
    const output = openOutput(read)
    writeSync(write, 'unread')
    await delivered(output, 6n, never)
    closeSync(write)
    await delivered(output, null, never)
    output.destroy()
  })

  test('does not take data from an asynchronous iterator', async () => {
    const { read, write } = makePipe()
    const output = openOutput(read)
    const parts: Buffer[] = []
    const reading = (async () => {
      for await (const part of output) parts.push(part as Buffer)
    })()
    writeSync(write, 'one ')
    const first = delivered(output, 4n, never)
    await first
    writeSync(write, 'two')
    closeSync(write)
    await reading
    assert.is(Buffer.concat(parts).toString(), 'one two')
  })

  test('gives up when told to', async () => {
    const { read, write } = makePipe()
    const output = openOutput(read)
    output.on('data', () => undefined)
    const abort = new AbortController()
    const waiting = delivered(output, 10n, abort.signal)
    abort.abort()
    await waiting
    closeSync(write)
    output.destroy()
  })
})
