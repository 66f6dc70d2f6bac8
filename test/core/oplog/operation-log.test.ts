/** The log of a guest's host calls, through the public API. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Guest, type Operation, openShell, type Shell } from '../../../src/index.js'
import { copier, counter, visitor } from '../../support/guests.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { cProgram } from '../../support/toolchains.js'
import { compileWat } from '../../support/wat.js'

const filework = await cProgram('filework')

interface Bench extends AsyncDisposable {
  readonly shell: Shell
  readonly directory: string
}

async function bench(): Promise<Bench> {
  const folder = await temporaryDirectory()
  const directory = join(folder.path, 'data')
  mkdirSync(directory)
  const shell = await openShell({ home: join(folder.path, 'store') })
  return {
    shell,
    directory,
    async [Symbol.asyncDispose]() {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function visit({ shell, directory }: Bench): Promise<Guest> {
  const guest = await shell.run(await compileWat(visitor), {
    dirs: [{ host: directory, guest: '/' }],
  })
  assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
  return guest
}

function operations(guest: Guest, from = 1n, most = 1000): readonly Operation[] {
  assert.ok(guest.log)
  return guest.log.read(from, most)
}

/** "path_open noent" and the values of the fields, paths as text. */
function summary({ call, errno, parameters, results }: Operation): string {
  const values = [...parameters, ...results].map(({ value }) =>
    typeof value === 'bigint' ? BigInt.asIntN(64, value) : new TextDecoder().decode(value),
  )
  return `${call} ${errno}: ${values.join(' ')}`
}

suite('the log of operations', (test) => {
  test('has every call, in order, with parameters and results', async () => {
    await using b = await bench()
    const guest = await visit(b)
    assert.equal(operations(guest).map(summary), [
      'path_open success: 3 1 notes.txt 9 110 0 1 4',
      'path_open noent: 3 1 missing 0 110 0 1',
      'fd_seek inval: 4 -5 2',
      'fd_seek success: 4 12 0 12',
      'path_rename success: 3 notes.txt 3 kept.txt',
      'fd_close success: 4',
    ])
  })

  test('knows the functions that opened, renamed and closed', async () => {
    await using b = await bench()
    const guest = await visit(b)
    const names = operations(guest).map(({ frames }) =>
      frames.map((frame) => guest.module.functionName(frame.function)),
    )
    assert.equal(names, [['open', '_start'], ['open', '_start'], [], [], ['_start'], ['_start']])
  })

  if (filework.missing !== undefined) test.skip('knows who called fopen', filework.missing)
  else {
    const { module } = filework
    test('knows who called fopen', async () => {
      await using b = await bench()
      writeFileSync(join(b.directory, 'words'), 'one\n')
      const guest = await b.shell.run(module, { dirs: [{ host: b.directory, guest: '/data' }] })
      await guest.wait()
      const open = operations(guest).find(({ call }) => call === 'path_open')
      const names = open?.frames.map((frame) => guest.module.functionName(frame.function))
      assert.ok(names?.includes('fopen'), `from ${names}`)
      assert.is(names?.at(-1), '_start')
    })
  }

  test('keeps the bytes that were read and written, when told to', async () => {
    await using b = await bench()
    writeFileSync(join(b.directory, 'input'), 'some words')
    const guest = await b.shell.run(await compileWat(copier), {
      stdin: { file: join(b.directory, 'input') },
      stdout: 'null',
      recordData: true,
    })
    await guest.wait()
    const bytes = operations(guest).map((one) => {
      const kept = guest.log?.readBytes(one)
      const text = (part?: Uint8Array) => Buffer.from(part ?? []).toString()
      return [one.call, text(kept?.taken), text(kept?.put)]
    })
    assert.equal(bytes[0], ['fd_read', '', 'some words'])
    assert.equal(bytes[1], ['fd_write', 'some words', ''])
    assert.ok((guest.log?.info().dataBytes ?? 0n) > 20n)
    const without = await visit(b)
    const [first] = operations(without)
    assert.is(first?.data, null)
    assert.is(first && without.log?.readBytes(first), null)
  })

  test('says how often each call was made', async () => {
    await using b = await bench()
    const guest = await visit(b)
    const info = guest.log?.info()
    assert.is(info?.next, 7n)
    assert.is(info?.failure, null)
    assert.equal(
      new Map(info?.counts.map(({ call, count }) => [call, count])),
      new Map([
        ['path_open', 2n],
        ['fd_seek', 2n],
        ['path_rename', 1n],
        ['fd_close', 1n],
      ]),
    )
  })

  test('forgets its oldest part beyond the limit, and goes on', async () => {
    await using b = await bench()
    const calls = 60_000
    const guest = await b.shell.run(await compileWat(counter(calls)), {
      stdout: 'null',
      logLimitBytes: 65_536,
    })
    await guest.wait()
    const info = guest.log?.info()
    assert.is(info?.next, BigInt(calls) + 1n)
    assert.ok((info?.first ?? 0n) > 1n)
    assert.is(operations(guest, 1n, 1)[0]?.seq, info?.first)
    assert.is(operations(guest, BigInt(calls), 10).length, 1)
  })

  test('is left out when it may keep nothing', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(counter(3)), { logLimitBytes: 0 })
    await guest.wait()
    assert.is(guest.log, null)
    const bad = b.shell.run(await compileWat(counter(3)), { logLimitBytes: -1 })
    await rejectsCode('ERR_WASMSH_OPTION_INVALID', () => bad)
  })

  test('of a recovered guest begins anew', async () => {
    await using b = await bench()
    const guest = await b.shell.run(await compileWat(counter(20)), {
      pauseAt: 100n,
      stdout: 'null',
    })
    await guest.wait()
    const before = guest.log?.info().next ?? 0n
    assert.ok(before > 1n)
    await guest.snapshot('half')
    const again = await b.shell.recover('half', { stdout: 'null' })
    await again.wait()
    assert.is((again.log?.info().next ?? 0n) - 1n, 20n - (before - 1n))
  })
})
