import { closeSync, readSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { GuestInput } from '../../../src/core/guest/guest-input.js'
import { makePipe } from '../../support/fake-native.js'
import { suite } from '../../support/suite.js'

/** The guest's end, read without waiting. */
function drain(fd: number): Buffer {
  const parts: Buffer[] = []
  for (;;) {
    const part = Buffer.alloc(65536)
    try {
      const size = readSync(fd, part)
      if (size === 0) return Buffer.concat(parts)
      parts.push(part.subarray(0, size))
    } catch {
      return Buffer.concat(parts)
    }
  }
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

/** Bytes whose value says where they stand. */
function numbered(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at++) bytes[at] = (at * 7 + (at >> 8)) & 0xff
  return bytes
}

suite('GuestInput', (test) => {
  test('feeds nothing while held', async () => {
    const { read, write } = makePipe()
    const input = new GuestInput(write)
    input.write('early')
    await input.settle()

    assert.is(drain(read).length, 0)
    assert.is(Buffer.from(input.unsent()).toString(), 'early')

    input.release()
    await turn()
    assert.is(drain(read).toString(), 'early')
    assert.is(input.unsent().length, 0)
    input.close()
    closeSync(read)
  })

  test('what is in the pipe and what is unsent are together what was written', async () => {
    const { read, write } = makePipe()
    const input = new GuestInput(write)
    const all = numbered(300_001)
    for (let at = 0; at < all.length; at += 50_000) input.write(all.subarray(at, at + 50_000))
    input.release()
    await turn()
    const first = drain(read)
    input.hold()
    await input.settle()

    const rest = Buffer.from(input.unsent())
    const inPipe = drain(read)

    assert.ok(rest.length > 0)
    assert.ok(Buffer.concat([first, inPipe, rest]).equals(all))
    input.close()
    closeSync(read)
  })

  test('delivers everything in order across holds, and end-of-file last', async () => {
    const { read, write } = makePipe()
    const input = new GuestInput(write)
    const all = numbered(400_000)
    const got: Buffer[] = []
    input.end(all)
    let isFinished = false
    input.on('finish', () => {
      isFinished = true
    })
    for (let round = 0; !isFinished || round < 4; round++) {
      input.release()
      await turn()
      got.push(drain(read))
      if (round % 3 === 0) {
        input.hold()
        await input.settle()
        assert.is(input.isEnded, true)
      }
      await turn()
    }

    got.push(drain(read))
    assert.is(Buffer.concat(got).compare(all), 0)
    closeSync(read)
  })

  test('drops what is written after the guest has gone', async () => {
    const { read, write } = makePipe()
    const input = new GuestInput(write)
    input.release()
    closeSync(read)

    for (let round = 0; round < 50; round++) {
      input.write(numbered(10_000))
      await turn()
    }

    assert.is(input.unsent().length, 0)
    await new Promise<void>((done) => input.end(done))
  })
})
