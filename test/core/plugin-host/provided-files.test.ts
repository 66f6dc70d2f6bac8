import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Guest } from '../../../src/core/guest/guest.js'
import {
  definePlugin,
  type FileCall,
  type FileProvider,
  NotBegun,
  type Op,
  type OpenRequest,
  type PluginHost,
  type ProvidedFile,
  pluginApiVersion,
  type RecoverContext,
  type ResourceTracker,
  WasiError,
} from '../../../src/core/plugin.js'
import type { RecoverOptions, RunOptions } from '../../../src/index.js'
import { files } from '../../../src/plugins/files/index.js'
import { type PluginBench, pluginBench } from '../../support/plugin-bench.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

/** A device that counts: reading gives the next number as text, writing sets it. */
class CounterFile implements ProvidedFile {
  value: number
  closed = 0
  reads = 0

  constructor(value = 0) {
    this.value = value
  }

  async read(call: FileCall, length: number): Promise<Uint8Array> {
    this.reads++
    if (this.value === 13) await refuseUntilAborted(call)
    if (this.value === 99) throw new WasiError('io')
    if (this.value === 66) throw new Error('unlucky')
    this.value++
    return new TextEncoder().encode(`${this.value}`).subarray(0, length)
  }

  write(_: FileCall, bytes: Uint8Array): number {
    this.value = Number(new TextDecoder().decode(bytes))
    return bytes.length
  }

  seek(_: FileCall, offset: bigint, whence: string): bigint {
    if (whence !== 'set') throw new WasiError('inval')
    this.value = Number(offset)
    return offset
  }

  stat(): { size: bigint; modifiedNs: bigint } {
    return { size: BigInt(this.value), modifiedNs: 5n }
  }

  close(): void {
    this.closed++
  }
}

function refuseUntilAborted({ signal }: FileCall): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = (): void => reject(new NotBegun())
    if (signal.aborted) refuse()
    signal.addEventListener('abort', refuse)
  })
}

interface Stored {
  readonly open: readonly { readonly fd: number; readonly value: number }[]
}

class CounterTracker implements ResourceTracker<Stored> {
  readonly recorded: Op[] = []
  readonly requests: OpenRequest[] = []
  readonly opened: CounterFile[] = []
  readonly #host: PluginHost

  constructor(host: PluginHost, path: string) {
    this.#host = host
    const provider: FileProvider = {
      open: (_, request) => {
        this.requests.push(request)
        if (!request.reads) throw new WasiError('acces')
        const file = new CounterFile()
        this.opened.push(file)
        return file
      },
    }
    host.use('files').provide(path, provider)
  }

  record(op: Op): void {
    this.recorded.push(op)
  }

  async snapshot(): Promise<Stored> {
    const open = this.#host
      .provided()
      .map(({ fd, file }) => ({ fd, value: file instanceof CounterFile ? file.value : 0 }))
    return { open }
  }

  async recover({ open }: Stored, context: RecoverContext): Promise<[]> {
    for (const { fd, value } of open) {
      const file = new CounterFile(value === 13 ? 41 : value)
      this.opened.push(file)
      context.reopen(fd, file)
    }
    return []
  }

  async dispose(): Promise<void> {}
}

function counter(path = '/dev/counter', name = 'counter') {
  const trackers: CounterTracker[] = []
  const plugin = definePlugin<Stored>({
    name,
    apiVersion: pluginApiVersion,
    dependsOn: ['files'],
    creates: [],
    state: {
      version: 1,
      migrations: {},
      format: ({ open }) => ({ open: open.map((one) => ({ ...one })) }),
      parse: (state) => state as unknown as Stored,
    },
    track: (host) => {
      const tracker = new CounterTracker(host, path)
      trackers.push(tracker)
      return tracker
    },
  })
  return { plugin, trackers }
}

const wasi = (name: string, params: string): string =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`

/** Opens "counter" below its directory; `body` has the descriptor in $fd. `$check` exits with the
 *  errno, if there is one. */
const user = (body: string, rights = '0x200066'): string => `(module
  ${wasi('path_open', 'i32 i32 i32 i32 i32 i64 i64 i32 i32')}
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  ${wasi('fd_seek', 'i32 i64 i32 i32')}
  ${wasi('fd_close', 'i32')}
  ${wasi('fd_renumber', 'i32 i32')}
  ${wasi('fd_fdstat_get', 'i32 i32')}
  ${wasi('fd_filestat_get', 'i32 i32')}
  ${wasi('poll_oneoff', 'i32 i32 i32 i32')}
  ${wasi('path_filestat_get', 'i32 i32 i32 i32 i32')}
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (global $result (export "result") (mut i64) (i64.const 0))
  (data (i32.const 64) "./x/../counter")
  (data (i32.const 96) "41")
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
  (func $open (result i32)
    (call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 14)
      (i32.const 0) (i64.const ${rights}) (i64.const 0) (i32.const 0) (i32.const 16)))
    (i32.load (i32.const 16)))
  (func $read (param $fd i32)
    (i32.store (i32.const 0) (i32.const 128))
    (i32.store (i32.const 4) (i32.const 8))
    (call $check (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $write (param $fd i32)
    (i32.store (i32.const 0) (i32.const 96))
    (i32.store (i32.const 4) (i32.const 2))
    (call $check (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $seek (param $fd i32) (param $to i64)
    (call $check
      (call $fd_seek (local.get $fd) (local.get $to) (i32.const 0) (i32.const 200))))
  (func (export "_start") (local $fd i32)
    (local.set $fd (call $open))
    ${body}))`

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

async function start(b: PluginBench, text: string, options: RunOptions = {}): Promise<Guest> {
  const data = join(b.folder, 'data')
  mkdirSync(data, { recursive: true })
  const dirs = [{ host: data, guest: '/dev' }]
  const common = { ...quiet, name: 'user', file: 'user.wasm', dirs }
  return await b.shell.run(await compileWat(text), { ...common, ...options })
}

const text = (guest: Guest, length: number): string =>
  new TextDecoder().decode(guest.readMemory(128n, length))

suite('a file that a plugin provides', (test) => {
  test('is opened, read, written, moved and closed by ordinary calls', async () => {
    const c = counter()
    await using b = await pluginBench([files, c.plugin])
    const guest = await start(
      b,
      user(`(call $read (local.get $fd))
        (call $write (local.get $fd))
        (call $read (local.get $fd))
        (call $seek (local.get $fd) (i64.const 500))
        (call $check (call $fd_close (local.get $fd)))
        unreachable`),
    )
    await guest.wait()
    assert.is(guest.trap?.reason, 'unreachable')
    assert.is(text(guest, 2), '42')
    const [tracker] = c.trackers
    assert.is(tracker?.opened[0]?.value, 500)
    assert.is(tracker?.opened[0]?.closed, 1)
    const { id, ...request } = tracker?.requests[0] ?? { id: '' }
    assert.match(id, /^counter\/\d+$/)
    assert.equal(request, { path: '/dev/counter', reads: true, writes: true, flags: [] })
    guest.planSnapshot()
    assert.equal(
      tracker?.recorded.map(({ call, creates, touches }) => [call, creates === id, touches]),
      [
        ['path_open', true, ['files/4']],
        ['fd_close', false, [id]],
      ],
    )
    const calls = guest.log?.read(1n, 10).map(({ call }) => call)
    assert.equal(calls, ['path_open', 'fd_read', 'fd_write', 'fd_read', 'fd_seek', 'fd_close'])
  })

  test('has the lowest number, the type and the rights that fit it', async () => {
    await using b = await pluginBench([files, counter().plugin])
    const guest = await start(
      b,
      user(`(call $check (call $fd_fdstat_get (local.get $fd) (i32.const 256)))
        (call $check (call $fd_filestat_get (local.get $fd) (i32.const 320)))
        (call $check (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 64)
          (i32.const 14) (i32.const 400)))
        (i32.store (i32.const 600) (local.get $fd))
        unreachable`),
    )
    await guest.wait()
    const view = new DataView(Uint8Array.from(guest.readMemory(0n, 1024)).buffer)
    assert.is(view.getUint32(600, true), 4)
    assert.is(view.getUint8(256), 2)
    assert.is(view.getBigUint64(264, true), 0x200066n)
    assert.is(view.getUint8(320 + 16), 2)
    assert.is(view.getBigUint64(320 + 48, true), 5n)
    assert.is(view.getUint8(400 + 16), 2)
  })

  test('gives the errors that the plugin chooses, and traps on others', async () => {
    const c = counter()
    await using b = await pluginBench([files, c.plugin])
    const refused = await start(b, user('', '0x40'))
    assert.equal(await refused.wait(), { kind: 'ended', code: 2 })
    const failing = await start(
      b,
      user('(call $seek (local.get $fd) (i64.const 99)) (call $read (local.get $fd))'),
    )
    assert.equal(await failing.wait(), { kind: 'ended', code: 29 })
    const trapping = await start(
      b,
      user('(call $seek (local.get $fd) (i64.const 66)) (call $read (local.get $fd))'),
    )
    await trapping.wait()
    assert.is(trapping.trap?.reason, 'plugin counter, read of /dev/counter: unlucky')
  })

  test('is always ready', async () => {
    await using b = await pluginBench([files, counter().plugin])
    const guest = await start(
      b,
      user(
        `(i32.store8 (i32.const 264) (i32.const 1))
        (i32.store (i32.const 272) (local.get $fd))
        (call $check (call $poll_oneoff (i32.const 256) (i32.const 400) (i32.const 1)
          (i32.const 8)))
        (call $proc_exit (i32.load (i32.const 8)))`,
        '0x8200066',
      ),
    )
    assert.equal(await guest.wait(), { kind: 'ended', code: 1 })
  })

  test('is closed when another descriptor takes its number', async () => {
    const c = counter()
    await using b = await pluginBench([files, c.plugin])
    const guest = await start(
      b,
      user(`(call $check (call $fd_renumber (call $open) (local.get $fd)))
        (call $write (local.get $fd))
        unreachable`),
    )
    await guest.wait()
    const opened = c.trackers[0]?.opened ?? []
    assert.equal(
      opened.map(({ value, closed }) => [value, closed]),
      [
        [0, 1],
        [41, 0],
      ],
    )
  })

  test('leaves a read pending at a pause, and comes back with it in another process', async () => {
    const c = counter()
    await using b = await pluginBench([files, c.plugin])
    const guest = await start(
      b,
      user(`(call $seek (local.get $fd) (i64.const 13))
        (call $read (local.get $fd))
        unreachable`),
    )
    while (c.trackers[0]?.opened[0]?.reads !== 1) await new Promise((done) => setImmediate(done))
    await guest.pause()
    await guest.snapshot('waiting')
    assert.is(guest.info().hostCall, 'wasi_snapshot_preview1.fd_read')

    const other = counter()
    const shell = await b.reopen(files, other.plugin)
    const again = await shell.recover('waiting', { name: 'again' })
    await again.wait()
    assert.is(again.trap?.reason, 'unreachable')
    assert.is(text(again, 2), '42')
    assert.match(
      again
        .planSnapshot()
        .resources.map(({ resource }) => resource)
        .join(),
      /^/,
    )
    await again.snapshot('later')
  })

  test('cannot be recovered without its plugin, unless it is left out', async () => {
    await using b = await pluginBench([files, counter().plugin])
    const guest = await start(b, user('unreachable'))
    await guest.wait()
    await guest.snapshot('open')

    const shell = await b.reopen(files)
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_MISSING', () => shell.recover('open'))
    assert.match(error.message, /plugin "counter"/)
    const options: RecoverOptions = { name: 'again', without: ['counter'] }
    const again = await shell.recover('open', options)
    await again.wait()
    assert.ok(again.degradations.some(({ plugin }) => plugin === 'counter'))
  })

  test('has to be reopened by a recovery', async () => {
    const c = counter()
    await using b = await pluginBench([files, c.plugin])
    const guest = await start(b, user('unreachable'))
    await guest.wait()
    await guest.snapshot('open')
    const lazy = counter()
    const track = lazy.plugin.track
    const plugin = {
      ...lazy.plugin,
      track: (...given: Parameters<typeof track>) =>
        Object.assign(track(...given), { recover: async () => [] }),
    }
    const shell = await b.reopen(files, plugin)
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_FAILED', () => shell.recover('open'))
    assert.is(error.message, 'Plugin "counter" has not reopened descriptor 4 (/dev/counter)')
  })
})

suite('files.provide', (test) => {
  test('takes plain absolute paths only, and each once', async () => {
    for (const path of ['counter', '/dev/../counter', '/dev/', '/', '//dev/counter']) {
      await using b = await pluginBench([files, counter(path).plugin])
      const error = await rejectsCode('ERR_WASMSH_PLUGIN_INVALID', () => start(b, user('')))
      assert.match(error.message, /^Plugin "counter" cannot provide /)
    }
    await using b = await pluginBench([
      files,
      counter().plugin,
      counter('/dev/counter', 'gauge').plugin,
    ])
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_CONFLICT', () => start(b, user('')))
    assert.match(
      error.message,
      /"gauge" cannot provide \/dev\/counter: it belongs to plugin "counter"/,
    )
  })

  test('is for plugins that depend on files', async () => {
    const { plugin } = counter()
    await using b = await pluginBench([files, { ...plugin, dependsOn: [] }])
    const error = await rejectsCode('ERR_WASMSH_PLUGIN_DEPENDENCY', () => start(b, user('')))
    assert.match(error.message, /"counter" uses "files", without depending on it/)
  })
})
