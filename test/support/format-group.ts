import { closeSync, readSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  definePlugin,
  type PluginHost,
  type ProvidedFile,
  pluginApiVersion,
  type RecoverContext,
  type ResourceTracker,
} from '../../src/core/plugin.js'
import type { SnapshotEntry } from '../../src/core/snapshot/snapshot-entry.js'
import { builtInPlugins, type Guest, type Shell } from '../../src/index.js'
import { compileWat } from './wat.js'

/** Name of the group that takeFormatGroup stores. */
export const formatGroup = 'pair'

/** Counts: each read gives the next digit. */
class CountFile implements ProvidedFile {
  constructor(public last: number) {}

  read(): Uint8Array {
    this.last = (this.last + 1) % 10
    return Buffer.from(`${this.last}`)
  }
}

interface CountState {
  readonly open: readonly { readonly fd: number; readonly last: number }[]
}

class CountTracker implements ResourceTracker<CountState> {
  constructor(readonly host: PluginHost) {
    host.use('files').provide('/data/count', { open: () => new CountFile(3) })
  }

  record(): void {}

  async snapshot(): Promise<CountState> {
    return {
      open: this.host.provided().map(({ fd, file }) => ({ fd, last: (file as CountFile).last })),
    }
  }

  async recover({ open }: CountState, context: RecoverContext): Promise<[]> {
    for (const { fd, last } of open) context.reopen(fd, new CountFile(last))
    return []
  }

  /** Reads a byte of the guest's file behind its back: the log does not know of it. */
  disturb(fd: number): void {
    const copy = this.host.copyDescriptor(fd)
    readSync(copy, new Uint8Array(1))
    closeSync(copy)
  }

  async dispose(): Promise<void> {}
}

const trackers: CountTracker[] = []

/** What the snapshots of the group need; its state has been version 1 ever since. */
export const formatPlugins = [
  ...builtInPlugins,
  definePlugin<CountState>({
    name: 'format-count',
    apiVersion: pluginApiVersion,
    dependsOn: ['files'],
    creates: [],
    state: {
      version: 1,
      migrations: {},
      format: ({ open }) => ({ open: open.map((one) => ({ ...one })) }),
      parse: (state) => state as unknown as CountState,
    },
    track: (host) => {
      const tracker = new CountTracker(host)
      trackers.push(tracker)
      return tracker
    },
  }),
]

const wasi = (name: string, params: string): string =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`

/** Sends a digit and four bytes of a file down its output, waits for input, and does it again. */
const sender = `(module
  ${wasi('path_open', 'i32 i32 i32 i32 i32 i64 i64 i32 i32')}
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (data (i32.const 64) "counttext")
  (func $open (param $name i32) (param $length i32) (result i32)
    (if (call $path_open (i32.const 3) (i32.const 0) (local.get $name) (local.get $length)
        (i32.const 0) (i64.const 0x26) (i64.const 0) (i32.const 0) (i32.const 16))
      (then unreachable))
    (i32.load (i32.const 16)))
  (func $read (param $fd i32) (param $to i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $to))
    (i32.store (i32.const 4) (local.get $length))
    (if (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))
      (then unreachable)))
  (func $send (param $count i32) (param $text i32)
    (call $read (local.get $count) (i32.const 100) (i32.const 1))
    (call $read (local.get $text) (i32.const 101) (i32.const 4))
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 5))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then unreachable)))
  (func (export "_start") (local $count i32) (local $text i32)
    (local.set $count (call $open (i32.const 64) (i32.const 5)))
    (local.set $text (call $open (i32.const 69) (i32.const 4)))
    (call $send (local.get $count) (local.get $text))
    (call $read (i32.const 0) (i32.const 200) (i32.const 8))
    (call $send (local.get $count) (local.get $text))))`

/** Copies its input to its output. */
const receiver = `(module
  ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('fd_write', 'i32 i32 i32 i32')}
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 100))
    (loop $again
      (i32.store (i32.const 4) (i32.const 100))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.eqz (i32.load (i32.const 8))) (then (return)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $again))))`

/**
 * Stores two guests as a group, with what a guest alone does not have: a pipe between them with bytes
 * in flight, a file that a plugin provides, and a remark, since the log of the sender does not know
 * where its file stands. The shell has the plugins of `formatPlugins`.
 */
export async function takeFormatGroup(
  shell: Shell,
  data: string,
): Promise<readonly SnapshotEntry[]> {
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'text'), 'once upon a time')
  const pipe = { resource: 'pipe:|between' }
  const receiving = await shell.run(await compileWat(receiver), {
    file: 'receiver.wasm',
    name: 'receiver',
    stdin: pipe,
    paused: true,
  })
  const sending = await shell.run(await compileWat(sender), {
    file: 'sender.wasm',
    name: 'sender',
    stdout: pipe,
    dirs: [{ host: data, guest: '/data' }],
  })
  const hasSent = (): boolean =>
    sending.log?.info().counts.some(({ call }) => call === 'fd_write') === true
  while (!hasSent() || sending.info().hostCall === null) {
    await new Promise((done) => setImmediate(done))
  }
  await sending.pause()
  trackers.at(-1)?.disturb(5)
  const options = { flags: { contents: 'all' } }
  const { members } = await shell.snapshotGroup([receiving, sending], formatGroup, options)
  await Promise.all([receiving, sending].map((guest) => guest.kill()))
  return members
}

/** Lets the recovered guests of the group go on, and tells what they print and how they end. */
export async function endOfGroup(guests: readonly Guest[]): Promise<string> {
  const lines = guests.map(async (guest) => {
    const printed = guest.stdout === null ? '' : text(guest.stdout)
    guest.stdin?.end('go')
    guest.resume()
    const outcome = await guest.wait()
    return `${guest.name}: ${await printed}\n${JSON.stringify(outcome)}\n`
  })
  return (await Promise.all(lines)).join('')
}
