import { chmod, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type ErrorCode, WasmshError } from '../../../src/core/errors.js'
import { loadNative } from '../../../src/core/native.js'
import { storePaths } from '../../../src/core/paths.js'
import { sealJson } from '../../../src/core/snapshot/sealed-json.js'
import type { SnapshotEntry } from '../../../src/core/snapshot/snapshot-entry.js'
import { makeDirectory } from '../../../src/core/store/durable-file.js'
import type { Store } from '../../../src/core/store/store.js'
import { canMount, smallDisk } from '../../support/small-disk.js'
import { openStore, take } from '../../support/store-fixture.js'
import { runWorkers, startWorker } from '../../support/store-workers.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'

/** Codes by which a changed file may be refused. */
const refusals: readonly ErrorCode[] = [
  'ERR_WASMSH_SNAPSHOT_CORRUPT',
  'ERR_WASMSH_SNAPSHOT_FORMAT',
  'ERR_WASMSH_BINDINGS_INVALID',
]

suite('a changed snapshot', (test) => {
  for (const file of ['manifest.json', 'state.bin', 'memory-0.idx', 'bindings.json']) {
    test(`is refused for any flipped bit of ${file}`, async () => {
      await using folder = await temporaryDirectory()
      const store = openStore(folder.path)
      const { path, entry } = await small(store, file)
      const good = await readFile(path)
      await store.read(entry.id)

      for (let at = 0; at < good.length; at++) {
        await writeFile(path, flipped(good, at, 1 << (at % 8)))
        await refused(() => store.read(entry.id), `byte ${at} of ${file}`)
      }

      await writeFile(path, good)
      await store.read(entry.id)
    })
  }

  test('is refused for any flipped bit of a page in an image', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { path, entry } = await small(store, 'memory-0.img')
    const { memories } = await store.read(entry.id)
    const { index, images } = memories[0] ?? { index: new Uint8Array(), images: [] }
    const good = await readFile(path)
    const verify = () => loadNative().verifyImage(index, images)
    await verify()

    for (let at = 0; at < 4096; at++) {
      await writeFile(path, flipped(good, at, 1 << (at % 8)))
      await verify().then(
        () => assert.unreachable(`byte ${at} of the image was not missed`),
        (error) => assert.is((error as { code: string }).code, 'SNAPSHOT_CORRUPT'),
      )
    }
    // What no extent covers is zero, whatever stands in the file.
    await writeFile(path, flipped(good, 5 * 4096, 1))
    await verify()
    assert.equal(await store.readMemory(entry.id, 0, 5n * 4096n, 1), new Uint8Array(1))
  })

  test('is refused when a file is cut short, made longer or missing', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    for (const file of ['manifest.json', 'state.bin', 'memory-0.idx', 'memory-0.img']) {
      const { path, entry } = await small(store, file)
      const good = await readFile(path)
      for (const size of [0, 1, good.length >> 1, good.length - 1, good.length + 1]) {
        await truncate(path, size)
        await refused(() => store.read(entry.id), `${file} with ${size} bytes`)
        await writeFile(path, good)
      }
      await rm(path)
      await rejectsCode('ERR_WASMSH_SNAPSHOT_INCOMPLETE', () => store.read(entry.id))
      await rm(entry.directory, { recursive: true })
    }
  })

  test('is refused when an image of an ancestor is missing', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const parent = await take(store, { pages: new Map([[0, 1]]) })
    const child = await take(store, { base: parent.id })

    await rm(parent.directory, { recursive: true })

    await rejectsCode('ERR_WASMSH_SNAPSHOT_INCOMPLETE', () => store.read(child.id))
  })

  test('is whole without bindings: they are no part of it', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { path, entry } = await small(store, 'bindings.json')
    assert.is((await store.read(entry.id)).bindings[0]?.offset, 7n)

    await rm(path)

    assert.equal((await store.read(entry.id)).bindings, [])
  })
}, 120_000)

suite('a manifest of a stranger', (test) => {
  const changes: readonly [string, ErrorCode, (manifest: Changed) => void][] = [
    ['a newer minor version', 'ERR_WASMSH_SNAPSHOT_FORMAT', (it) => set(it, 'format', '1.1')],
    ['another major version', 'ERR_WASMSH_SNAPSHOT_FORMAT', (it) => set(it, 'format', '2.0')],
    ['no version', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => set(it, 'format', 'one')],
    ['another id', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => set(it, 'id', it.id.replace(/^./, 'z'))],
    ['an unknown member', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => set(it, 'extra', 1)],
    ['a missing member', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => set(it, 'status', undefined)],
    ['a control character', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => set(it, 'wamr', '\u001b[2J')],
    ['a path for a state', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => set(it, 'state', '../state.bin')],
    ['a memory of 2^53', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => setMemory(it, 'bytes', 2 ** 53)],
    ['an odd memory', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => setMemory(it, 'bytes', 65537)],
    ['no images', 'ERR_WASMSH_SNAPSHOT_CORRUPT', (it) => setMemory(it, 'images', [])],
    [
      'an image outside',
      'ERR_WASMSH_SNAPSHOT_CORRUPT',
      (it) => setMemory(it, 'images', [{ snapshot: it.id, file: '../../memory-0.img' }]),
    ],
    [
      'a file without a digest',
      'ERR_WASMSH_SNAPSHOT_CORRUPT',
      (it) => set(it, 'files', { ...it.files, 'state.bin': { bytes: 1 } }),
    ],
  ]
  for (const [what, code, change] of changes) {
    test(`is refused for ${what}, although its digest is right`, async () => {
      await using folder = await temporaryDirectory()
      const store = openStore(folder.path)
      const { path, entry } = await small(store, 'manifest.json')
      const manifest = structuredClone(entry.manifest) as unknown as Changed

      change(manifest)
      await writeFile(path, sealJson(manifest))

      await rejectsCode(code, () => store.read(entry.id))
    })
  }
})

suite('several writers', (test) => {
  test('lose nothing of each other, twenty at once', async () => {
    await using folder = await temporaryDirectory()

    await runWorkers(20, 'take', [folder.path, '3'])

    const store = openStore(folder.path)
    const names = (await store.list()).map(({ name }) => name)
    assert.is(names.length, 20 * 2)
    assert.is(new Set(names).size, names.length, 'no name was given twice')
    const { problems, snapshots } = await store.check()
    assert.equal(problems, [])
    assert.is(snapshots, names.length)
  })

  test('that are killed at any instant leave the store whole', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    for (let round = 0; round < 12; round++) {
      const worker = startWorker('take', [folder.path, '1000'])
      await worker.said('ready')
      await new Promise((done) => setTimeout(done, Math.random() * 150))
      worker.kill()
      await worker.ended()
      const { problems } = await store.check()
      const damage = problems.filter(({ severity }) => severity === 'damage')
      assert.equal(damage, [], `round ${round}`)
    }
    await store.gc()
    assert.equal((await store.check()).problems, [])
    assert.equal(await readdir(storePaths(folder.path).temporary), [])
    await take(store, { name: 'still-works' })
  })
}, 180_000)

suite('a full disk', (test) => {
  const title = 'refuses the snapshot, with a code, and leaves the store as it was'
  if (!canMount()) {
    test.skip(title, 'mounting a small file system needs root')
    return
  }
  test(title, async () => {
    await using disk = smallDisk(2 ** 20)
    const store = openStore(disk.path)
    const pages = new Map(Array.from({ length: 16 }, (_, page) => [page, 1] as const))
    await take(store, { name: 'first', pages })
    let refusals = 0

    for (let size = 900; size > 0 && refusals < 40; size -= 12) {
      await writeFile(join(disk.path, 'ballast'), Buffer.alloc(size * 1024))
      try {
        await take(store, { name: 'second', pages })
        await store.forget('second')
      } catch (error) {
        refusals++
        const code = (error as { code?: string }).code
        assert.ok(code === 'ENOSPC' || code === 'ERR_WASMSH_STORE_FULL', String(error))
      }
      await rm(join(disk.path, 'ballast'))
      assert.equal((await store.check()).problems, [], `${size} KiB taken`)
      assert.equal(await readdir(storePaths(disk.path).temporary), [])
    }

    assert.ok(refusals > 0, 'the disk was never full')
    assert.equal(
      (await store.list()).map(({ name }) => name),
      ['first'],
    )
  })
}, 60_000)

suite('makeDirectory', (test) => {
  const title = 'says that a file system may only be read'
  if (!canMount()) {
    test.skip(title, 'mounting a file system needs root')
    return
  }
  test(title, async () => {
    await using disk = smallDisk(2 ** 20)
    makeDirectory(join(disk.path, 'there'))
    disk.forbidWrites()

    makeDirectory(join(disk.path, 'there'))

    for (const path of ['new', 'there/new', 'new/and/below']) {
      assert.throws(
        () => makeDirectory(join(disk.path, path)),
        ({ code }: NodeJS.ErrnoException) => code === 'EROFS',
      )
    }
  })
})

interface Changed {
  id: string
  files: Record<string, unknown>
  memories: Record<string, unknown>[]
}

function set(manifest: Changed, member: string, value: unknown): void {
  Object.assign(manifest, { [member]: value })
  if (value === undefined) delete (manifest as unknown as Record<string, unknown>)[member]
}

function setMemory(manifest: Changed, member: string, value: unknown): void {
  const [memory] = manifest.memories
  if (memory !== undefined) memory[member] = value
}

/** A snapshot of one page, and the path of one of its files, made writable. */
async function small(store: Store, file: string): Promise<{ path: string; entry: SnapshotEntry }> {
  const entry = await take(store, { pages: new Map([[0, 0x5a]]) })
  const path = join(entry.directory, file)
  await chmod(path, 0o600)
  return { path, entry }
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ mask
  return changed
}

async function refused(call: () => Promise<unknown>, what: string): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (error instanceof WasmshError && refusals.includes(error.code)) return
    throw error
  }
  throw new Error(`A snapshot was accepted with another ${what}`)
}
