/** Putting files in place and taking that back, without a guest. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import * as assert from 'uvu/assert'
import { WasmshError } from '../../../src/core/errors.js'
import { recoverFiles } from '../../../src/plugins/files/recover.js'
import type { Restorer } from '../../../src/plugins/files/restore.js'
import type { Entry, FilesState, OpenFile } from '../../../src/plugins/files/state.js'
import { openDescriptors, openedSince } from '../../support/descriptors.js'
import { treeOf } from '../../support/file-bench.js'
import {
  type FilesHost,
  fileDescriptor,
  filesHost,
  plant,
  preopen,
} from '../../support/files-host.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'

process.umask(0o022)

const at = (path: string) => ({ directory: '/data', path })

const nothing: FilesState = {
  openFiles: [],
  descriptors: [],
  contents: 'all',
  entries: [],
  written: [],
  moved: [],
  removed: [],
  unlisted: 0,
  left: [],
}

async function file(b: FilesHost, path: string, text: string, mode = 0o644): Promise<Entry> {
  const blob = await b.blob(text)
  return { place: at(path), kind: 'file', mode, modifiedNs: 5n, bytes: BigInt(text.length), blob }
}

/** Recovers entries; gives what can take it back. */
async function restore(b: FilesHost, entries: readonly Entry[], flags = {}): Promise<Restorer> {
  let found: Restorer | undefined
  await recoverFiles(b.host, { ...nothing, entries }, b.recoverContext(flags), (restorer) => {
    found = restorer
  })
  if (found === undefined) throw new Error('Nothing was begun')
  return found
}

suite('recoverFiles', (test) => {
  test('makes a tree, which undo takes away to the last name', async () => {
    await using b = await filesHost()
    plant(b.data, { there: 'there' })
    const restorer = await restore(b, [
      { place: at('d'), kind: 'directory', mode: 0o500 },
      await file(b, 'd/f', 'text', 0o444),
      { place: at('d/hard'), kind: 'link', to: at('d/f') },
      { place: at('soft'), kind: 'symlink', target: 'd/f' },
    ])
    assert.equal(treeOf(b.data), {
      d: 'directory 500',
      'd/f': '444 2 text',
      'd/hard': '444 2 text',
      soft: 'link to d/f',
      there: '644 1 there',
    })
    restorer.undo()
    assert.equal(treeOf(b.data), { there: '644 1 there' })
  })

  test('with overwrite puts aside what is there: undo brings it back, finish removes it', async () => {
    for (const isKept of [true, false]) {
      await using b = await filesHost()
      plant(b.data, { f: 'before' })
      const restorer = await restore(b, [await file(b, 'f', 'after')], { overwrite: true })
      assert.is(readFileSync(join(b.data, 'f'), 'utf8'), 'after')
      if (isKept) restorer.finish()
      else restorer.undo()
      assert.equal(treeOf(b.data), { f: isKept ? '644 1 after' : '644 1 before' })
    }
  })

  test('tells every conflict and leaves everything', async () => {
    await using b = await filesHost()
    plant(b.data, { a: 'x', 'd/f': '', hard: 'own' })
    symlinkSync('elsewhere', join(b.data, 'soft'))
    const before = treeOf(b.data)
    const error = await rejectsCode('ERR_WASMSH_RECOVER_FILE_CHANGED', async () =>
      restore(b, [
        await file(b, 'a', 'y'),
        await file(b, 'd', 'a file'),
        await file(b, 'new', 'new'),
        { place: at('hard'), kind: 'link', to: at('new') },
        { place: at('soft'), kind: 'symlink', target: 'a' },
        { place: at('a/b'), kind: 'directory', mode: 0o755 },
      ]),
    )
    assert.equal(
      error.problems.map(({ resource, reason }) => `${resource} ${reason}`),
      [
        '/data/a has other contents here',
        '/data/d is a directory here, and a file in the snapshot',
        '/data/hard is not /data/new here',
        '/data/soft leads elsewhere here',
      ],
    )
    assert.equal(treeOf(b.data), before)
  })

  test('says of a name that is too long for the file system that it is', async () => {
    await using b = await filesHost()
    const name = 'x'.repeat(300)
    const error = await rejectsCode('ERR_WASMSH_RECOVER_FILE_REFUSED', async () =>
      restore(b, [await file(b, name, ''), await file(b, 'f', '')]),
    )
    assert.is(error.message, `/data/${name} has a path that is too long for this file system`)
    assert.equal(readdirSync(b.data), [])
  })

  test('refuses a directory that the guest has not', async () => {
    await using b = await filesHost()
    const entry = { ...(await file(b, 'f', '')), place: { directory: '/etc', path: 'f' } }
    await rejectsCode('ERR_WASMSH_PLUGIN_STATE', () => restore(b, [entry]))
  })
})

suite('HostFolder.copyContents', (test) => {
  test('keeps holes and what is beyond 4 GiB', async () => {
    await using b = await filesHost()
    const size = 5 * 1024 ** 3
    const [from, to] = ['from', 'to'].map((name) => openSync(join(b.data, name), 'w+'))
    if (from === undefined || to === undefined) throw new Error('Nothing is open')
    ftruncateSync(from, size)
    for (const at of [0, 2 ** 31, 2 ** 32 + 4096]) writeSync(from, `at ${at}`, at)
    await b.host.folder(b.data).copyContents(from, to)
    const text = Buffer.alloc(13)
    readSync(to, text, 0, 13, 2 ** 32 + 4096)
    assert.is(text.toString(), 'at 4294971392')
    const { size: copied, blocks } = fstatSync(to)
    assert.is(copied, size)
    assert.ok(blocks * 512 < 1024 * 1024, `${blocks} blocks`)
    for (const fd of [from, to]) closeSync(fd)
  })
})

suite('an escape at a recovery', (test) => {
  test('by a link in the way is refused', async () => {
    for (const target of ['outside', '../outside']) {
      await using b = await filesHost()
      mkdirSync(join(b.folder, 'outside'))
      symlinkSync(target === 'outside' ? join(b.folder, target) : target, join(b.data, 'd'))
      const error = await rejectsCode('ERR_WASMSH_RECOVER_FILE_REFUSED', async () =>
        restore(b, [await file(b, 'd/f', 'text')]),
      )
      assert.is(error.message, '/data/d/f leads out of its directory through a link')
      assert.equal(readdirSync(join(b.folder, 'outside')), [])
    }
  })

  test('does not succeed in a directory that is swapped for a link meanwhile', async () => {
    await using b = await filesHost()
    const outside = join(b.folder, 'outside')
    mkdirSync(outside)
    mkdirSync(join(b.data, 'd'))
    const rounds = new Int32Array(new SharedArrayBuffer(4))
    const workerData = { data: b.data, outside, rounds }
    const swapper = new Worker(swapping, { eval: true, workerData })
    await new Promise((resolve) => swapper.once('message', resolve))
    const outcomes = { done: 0, refused: 0 }
    const entries = await Promise.all(
      Array.from({ length: 20 }, (_, index) => file(b, `d/f${index}`, 'text')),
    )
    // Until both have been seen: a race that never happens proves nothing.
    for (let round = 0; round < 2000; round++) {
      if (round >= 50 && outcomes.done > 0 && outcomes.refused > 0) break
      try {
        const restorer = await restore(b, entries, { overwrite: true })
        restorer.undo()
        outcomes.done++
      } catch (error) {
        if (!(error instanceof WasmshError)) throw error
        outcomes.refused++
      }
      Atomics.add(rounds, 0, 1)
      Atomics.notify(rounds, 0)
    }
    await swapper.terminate()
    assert.ok(outcomes.done > 0 && outcomes.refused > 0, JSON.stringify(outcomes))
    assert.equal(readdirSync(outside), [])
  })
}, 60_000)

/** Swaps a directory for a link that leads out, and back, for ever; now and then it leaves the
 *  directory alone for two rounds of the test, one of which is whole. */
const swapping = `
  const { parentPort, workerData: { data, outside, rounds } } = require('node:worker_threads')
  const { renameSync, symlinkSync, rmSync } = require('node:fs')
  const [d, kept, link] = ['d', 'kept', 'link'].map((name) => data + '/' + name)
  parentPort.postMessage('ready')
  for (let swaps = 1; ; swaps++) {
    if (swaps % 500 === 0) {
      for (const until = Atomics.load(rounds, 0) + 2; ; ) {
        const now = Atomics.load(rounds, 0)
        if (now >= until) break
        Atomics.wait(rounds, 0, now)
      }
    }
    symlinkSync(outside, link)
    renameSync(d, kept)
    renameSync(link, d)
    rmSync(d)
    renameSync(kept, d)
  }`

suite('an open file at a recovery', (test) => {
  const openFile = (path: string, more: Partial<OpenFile> = {}): OpenFile => ({
    id: 1,
    kind: 'file',
    place: at(path),
    options: null,
    offset: 3n,
    expected: null,
    nameless: null,
    ...more,
  })

  async function open(b: FilesHost, one: OpenFile, rightsBase = 2n, fdflags = 0): Promise<number> {
    b.descriptors = [
      preopen,
      fileDescriptor(4, one.place.path, { rightsBase, fdflags, kind: one.kind }),
    ]
    const state = { ...nothing, openFiles: [one], descriptors: [{ fd: 4, openFile: 1 }] }
    await recoverFiles(b.host, state, b.recoverContext(), () => undefined)
    return b.given.get(4) ?? -1
  }

  const flagsOf = (hostFd: number): number =>
    Number.parseInt(
      /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${hostFd}`, 'utf8'))?.[1] ?? '',
      8,
    )

  test('is opened for what its rights say, with its flags, and never emptied', async () => {
    const {
      O_ACCMODE = 3,
      O_APPEND,
      O_DSYNC,
      O_RDONLY,
      O_RDWR,
      O_WRONLY,
    } = constants as {
      O_ACCMODE?: number
    } & typeof constants
    for (const [rights, access] of [
      [2n, O_RDONLY],
      [64n, O_WRONLY],
      [66n, O_RDWR],
      [0n, O_RDONLY],
    ] as const) {
      await using b = await filesHost()
      plant(b.data, { f: 'kept' })
      const recorded = { oflags: 1 | 8, fdflags: 1, rights, inheriting: 0n }
      const flags = flagsOf(await open(b, openFile('f', { options: recorded }), rights, 1 | 2))
      assert.is(flags & O_ACCMODE, access)
      assert.is(flags & (O_APPEND | O_DSYNC), O_APPEND | O_DSYNC)
      assert.is(readFileSync(join(b.data, 'f'), 'utf8'), 'kept')
      assert.equal(b.adjusted.get(4), { guestPath: 'f', offset: 3n })
    }
  })

  test('is one for descriptors that share it', async () => {
    await using b = await filesHost()
    plant(b.data, { f: '' })
    b.descriptors = [preopen, fileDescriptor(4, 'f'), fileDescriptor(9, 'f')]
    const descriptors = [4, 9].map((fd) => ({ fd, openFile: 1 }))
    const state = { ...nothing, openFiles: [openFile('f')], descriptors }
    await recoverFiles(b.host, state, b.recoverContext(), () => undefined)
    assert.is(b.given.get(4), b.given.get(9))
  })

  test('is refused where a pipe or a device is, without opening that', async () => {
    await using b = await filesHost()
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [join(b.data, 'fifo')])
    const error = await rejectsCode('ERR_WASMSH_RECOVER_FILE_REFUSED', () =>
      open(b, openFile('fifo'), 64n),
    )
    assert.match(error.message, /^\/data\/fifo is neither a file nor a directory here/)
    if (process.getuid?.() !== 0) return
    try {
      execFileSync('mknod', [join(b.data, 'null'), 'c', '1', '3'], { stdio: 'pipe' })
    } catch {
      return // a container that may not
    }
    await rejectsCode('ERR_WASMSH_RECOVER_FILE_REFUSED', () => open(b, openFile('null'), 64n))
  })

  test('is refused behind a link that leads out', async () => {
    await using b = await filesHost()
    plant(b.folder, { 'outside/f': 'secret' })
    symlinkSync('../outside', join(b.data, 'd'))
    symlinkSync(join(b.folder, 'outside', 'f'), join(b.data, 'f'))
    for (const path of ['d/f', 'f']) {
      await rejectsCode('ERR_WASMSH_RECOVER_FILE_REFUSED', () => open(b, openFile(path)))
    }
  })

  test('that was deleted has contents, and no name', async () => {
    await using b = await filesHost()
    const nameless = { number: 0, blob: await b.blob('contents'), modifiedNs: 7n }
    const hostFd = await open(b, openFile('gone', { nameless }))
    assert.is(readFileSync(`/proc/self/fd/${hostFd}`, 'utf8'), 'contents')
    assert.is(fstatSync(hostFd, { bigint: true }).nlink, 0n)
    assert.is(fstatSync(hostFd, { bigint: true }).mtimeNs, 7n)
    assert.equal(readdirSync(b.data), [])
  })

  test('that was deleted is one file for all that were of it, each with flags of its own', async () => {
    const { O_APPEND, O_DSYNC, O_RDONLY, O_RDWR, O_WRONLY } = constants
    const accessMode = O_RDONLY | O_RDWR | O_WRONLY
    await using b = await filesHost()
    const nameless = { number: 5, blob: await b.blob('contents'), modifiedNs: 7n }
    const other = { number: 6, blob: nameless.blob, modifiedNs: 7n }
    b.descriptors = [
      preopen,
      fileDescriptor(4, 'gone', { rightsBase: 66n, fdflags: 2 }),
      fileDescriptor(5, 'gone', { rightsBase: 2n }),
      fileDescriptor(6, 'gone', { rightsBase: 64n, fdflags: 1 }),
      fileDescriptor(7, 'gone', { rightsBase: 66n }),
    ]
    const before = openDescriptors()
    const openFiles = [nameless, nameless, nameless, other].map((one, id) =>
      openFile('gone', { id, nameless: one }),
    )
    const descriptors = openFiles.map(({ id }) => ({ fd: 4 + id, openFile: id }))
    const state = { ...nothing, openFiles, descriptors }
    await recoverFiles(b.host, state, b.recoverContext(), () => undefined)
    const [both = -1, reads = -1, appends = -1, alone = -1] = [4, 5, 6, 7].map((fd) =>
      b.given.get(fd),
    )
    writeSync(both, 'CON')
    writeSync(appends, '!')
    assert.is(readFileSync(`/proc/self/fd/${reads}`, 'utf8'), 'CONtents!')
    assert.is(readFileSync(`/proc/self/fd/${alone}`, 'utf8'), 'contents')
    const modes = [both, reads, appends].map(
      (fd) => flagsOf(fd) & (accessMode | O_APPEND | O_DSYNC),
    )
    assert.equal(modes, [O_RDWR | O_DSYNC, O_RDONLY, O_WRONLY | O_APPEND])
    assert.is(openedSince(before).length, 4)
  })

  test('that was a deleted directory is an empty one without a name', async () => {
    await using b = await filesHost()
    const nameless = { number: 0, blob: null, modifiedNs: 7n }
    const hostFd = await open(b, openFile('gone', { kind: 'directory', nameless }))
    const status = fstatSync(hostFd, { bigint: true })
    assert.ok(status.isDirectory())
    assert.is(status.nlink, 0n)
    assert.is(status.mtimeNs, 7n)
    assert.equal(readdirSync(b.data), [])
  })

  test('has to be what the descriptor of the snapshot is', async () => {
    await using b = await filesHost()
    plant(b.data, { f: '' })
    await rejectsCode('ERR_WASMSH_RECOVER_FILE_REFUSED', () =>
      open(b, openFile('f', { kind: 'directory' })),
    )
    b.descriptors = [preopen]
    const state = { ...nothing, openFiles: [openFile('f')], descriptors: [{ fd: 3, openFile: 1 }] }
    await rejectsCode('ERR_WASMSH_PLUGIN_STATE', () =>
      recoverFiles(b.host, state, b.recoverContext(), () => undefined),
    )
  })

  test('leaves no descriptor of the host open when another one is not there', async () => {
    await using b = await filesHost()
    plant(b.data, { f: '' })
    b.descriptors = [preopen, fileDescriptor(4, 'f'), fileDescriptor(5, 'missing')]
    const state = {
      ...nothing,
      openFiles: [openFile('f'), openFile('missing', { id: 2 })],
      descriptors: [
        { fd: 4, openFile: 1 },
        { fd: 5, openFile: 2 },
      ],
    }
    const before = openDescriptors()
    await rejectsCode('ERR_WASMSH_RECOVER_FILE_MISSING', () =>
      recoverFiles(b.host, state, b.recoverContext(), () => undefined),
    )
    assert.equal(openedSince(before), [])
    assert.is(b.given.size, 0)
  })
})
