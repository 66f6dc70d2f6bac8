import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { loadNative } from '../../../src/core/native.js'
import { storePaths } from '../../../src/core/paths.js'
import type { Store } from '../../../src/core/store/store.js'
import {
  begin,
  facts,
  moduleDigest,
  openStore,
  take,
  writeGuest,
} from '../../support/store-fixture.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'

suite('Store.begin', (test) => {
  test('makes a snapshot that every open store of the folder sees', async () => {
    await using folder = await temporaryDirectory()
    const entry = await take(openStore(folder.path), { name: 'first', pages: new Map([[3, 0xaa]]) })

    const other = openStore(folder.path)
    const found = await other.get('first')

    assert.equal(found, entry)
    assert.equal(
      (await other.list()).map(({ name }) => name),
      ['first'],
    )
    assert.is(found.memoryBytes, 65536)
    assert.is(found.manifest.guest.file, 'calc.wasm', 'folders of this host stay out')
    assert.is(await read(other, 'first', 0, 0x3ffen, 4), 'aa aa 00 00')
    assert.is(await read(other, 'first', 0, 0x2ffen, 4), '00 00 aa aa')
  })

  test('shows nothing before the commit, and leaves nothing after abort', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const draft = await begin(store, { name: 'never' })
    await writeGuest(loadNative(), draft, {})
    assert.equal(await store.list(), [])

    await draft.abort()

    assert.equal(await readdir(storePaths(folder.path).temporary), [])
    await rejectsCode('ERR_WASMSH_SNAPSHOT_UNKNOWN', () => store.get('never'))
  })

  test('numbers snapshots that are given no name', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    for (let count = 0; count < 3; count++) await take(store)
    await store.forget('calc-2')

    assert.is((await take(store)).name, 'calc-4')
    assert.is(await store.freeName('calc'), 'calc-5')
    assert.is(await store.freeName('../evil name'), 'evil-name-1')
    assert.is(await store.freeName('\u001b'), 'guest-1')
  })

  test('refuses a name that is taken, and a name that is none', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    await take(store, { name: 'one' })

    await rejectsCode('ERR_WASMSH_SNAPSHOT_EXISTS', () => take(store, { name: 'one' }))
    for (const name of ['', '../one', 'a/b', '.hidden', 'two words', 'x'.repeat(101), 'a\n']) {
      await rejectsCode('ERR_WASMSH_SNAPSHOT_NAME', () => take(store, { name }))
    }
    assert.is((await store.list()).length, 1)
    assert.equal(await readdir(storePaths(folder.path).temporary), [])
  })

  test('refuses a name that was taken while the snapshot was written', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const slow = await begin(store, { name: 'one' })
    const native = await writeGuest(loadNative(), slow, {})
    await take(openStore(folder.path), { name: 'one' })

    await rejectsCode('ERR_WASMSH_SNAPSHOT_EXISTS', () => slow.commit(facts(native)))

    assert.is((await store.list()).length, 1)
    assert.equal(await readdir(storePaths(folder.path).temporary), [])
  })

  test('replaces a snapshot when told to', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const before = await take(store, { name: 'one' })

    const after = await take(store, { name: 'one', force: true })

    assert.equal(
      (await store.list()).map(({ id }) => id),
      [after.id],
    )
    assert.is.not(before.id, after.id)
  })

  test('keeps of a replaced snapshot what the new one needs, and nothing else', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { kept } = storePaths(folder.path)
    const before = await take(store, { name: 'one', pages: new Map([[0, 9]]) })

    await take(store, { name: 'one', base: before.id, force: true })
    assert.equal(await readdir(kept), [before.id])
    assert.equal(await readdir(join(kept, before.id)), ['memory-0.img'])
    assert.is(await read(store, 'one', 0, 0n, 2), '09 09')

    await take(store, { name: 'one', force: true })
    assert.equal(await readdir(kept), [])
  })
})

suite('the files of a store', (test) => {
  test('hold each module once, read-only, and a damaged one is repaired', async () => {
    await using folder = await temporaryDirectory()
    await take(openStore(folder.path))
    await take(openStore(folder.path))
    const { modules } = storePaths(folder.path)
    const file = join(modules, `${moduleDigest}.wasm`)
    assert.equal(await readdir(modules), [`${moduleDigest}.wasm`])
    assert.is((await stat(file)).mode & 0o777, 0o400)

    await rm(file)
    await writeFile(file, 'damaged!')
    await rejectsCode('ERR_WASMSH_MODULE_CORRUPT', () =>
      openStore(folder.path).readModule(moduleDigest),
    )
    await take(openStore(folder.path))

    assert.is((await openStore(folder.path).readModule(moduleDigest)).length, 8)
  })

  test('can be read by the user alone', async () => {
    await using folder = await temporaryDirectory()
    const { directory } = await take(openStore(folder.path), { sync: true })

    const modes = Object.fromEntries(
      await Promise.all(
        (await readdir(directory)).map(async (file) => {
          const { mode } = await stat(join(directory, file))
          return [file, (mode & 0o777).toString(8)] as const
        }),
      ),
    )

    // state.bin and the index are native code's; here the fixture's.
    assert.is(modes['manifest.json'], '600')
    assert.is(modes['bindings.json'], '600')
    assert.is((await stat(directory)).mode & 0o777, 0o700)
  })
})

suite('children', (test) => {
  test('read the pages of their ancestors', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const memoryBytes = 3 * 65536
    const parent = await take(store, {
      memoryBytes,
      pages: new Map([
        [0, 1],
        [17, 2],
      ]),
    })
    const child = await take(store, { memoryBytes, pages: new Map([[40, 3]]), base: parent.id })

    assert.is(child.parent, parent.id)
    assert.is(child.manifest.memories[0]?.images.length, 2)
    assert.is(await read(store, child.id, 0, 0n, 1), '01')
    assert.is(await read(store, child.id, 0, 17n * 4096n, 1), '02')
    assert.is(await read(store, child.id, 0, 40n * 4096n, 1), '03')
    await store.verify(child.id)
  })

  test('end after eight images: the next snapshot is full', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const counts: (number | undefined)[] = []
    let base = ''
    for (let count = 0; count < 10; count++) {
      const page = new Map([[count * 16, count + 1]])
      const entry = await take(store, { memoryBytes: 16 * 65536, pages: page, base })
      counts.push(entry.manifest.memories[0]?.images.length)
      base = entry.id
    }

    assert.equal(counts, [1, 2, 3, 4, 5, 6, 7, 8, 1, 2])
  })

  test('are full snapshots when the parent is gone or cannot be read', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const parent = await take(store)
    await writeFile(join(parent.directory, 'memory-0.idx'), 'damaged')

    const draft = await begin(store, { base: parent.id })
    assert.is(draft.parent, null)
    await draft.abort()

    const stranger = await begin(store, { base: '11111111-2222-3333-4444-555555555555' })
    assert.is(stranger.parent, null)
    await stranger.abort()
  })
})

suite('Store.forget', (test) => {
  test('keeps what children need, and frees it with the last of them', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const parent = await take(store, { name: 'parent', pages: new Map([[0, 9]]) })
    const child = await take(store, { name: 'child', base: parent.id })
    const grandchild = await take(store, { name: 'grandchild', base: child.id })
    const { kept } = storePaths(folder.path)

    await store.forget('parent')
    assert.is(await read(store, 'child', 0, 0n, 2), '09 09')
    assert.equal(await readdir(join(kept, parent.id)), ['memory-0.img'])
    assert.equal((await store.check()).problems, [])

    await store.forget('child')
    await store.verify(grandchild.id)
    assert.equal((await store.check()).problems, [])

    await store.forget('grandchild')
    assert.equal(await readdir(kept), [])
    assert.equal(await readdir(storePaths(folder.path).snapshots), [])
  })

  test('keeps what a snapshot that is being written needs', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const parent = await take(store, { name: 'parent', pages: new Map([[0, 9]]) })
    const draft = await begin(store, { name: 'child', base: parent.id })
    const native = await writeGuest(loadNative(), draft, {})

    await store.forget('parent')
    await openStore(folder.path).gc()
    await draft.commit(facts(native))

    assert.is(await read(store, 'child', 0, 0n, 2), '09 09')
    assert.equal((await store.check()).problems, [])
  })

  test('says which names are near an unknown one', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    await take(store, { name: 'before' })

    const error = await rejectsCode('ERR_WASMSH_SNAPSHOT_UNKNOWN', () => store.forget('befor'))

    assert.match(error.hint, '"before"')
  })
})

suite('the catalogue', (test) => {
  test('is read from the directories when it is missing, damaged or behind', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const first = await take(store)
    const { catalogue } = storePaths(folder.path)
    const old = await readFile(catalogue, 'utf8')
    await take(store)
    const names = async () => (await openStore(folder.path).list()).map(({ name }) => name)
    const both = ['calc-1', 'calc-2']
    assert.equal(await names(), both)

    for (const text of ['', '{', old, old.replace('calc-1', 'calc-9'), '[]', '{"version":1}\n']) {
      await writeFile(catalogue, text)
      assert.equal(await names(), both, text.slice(0, 20))
    }
    await rm(catalogue)
    assert.equal(await names(), both)
    await rm(first.directory, { recursive: true })
    assert.equal(await names(), ['calc-2'])
  })

  test('finds snapshots by the beginning of their id', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { id } = await take(store)

    assert.is((await store.get(id)).id, id)
    assert.is((await store.get(id.slice(0, 8))).id, id)
    await rejectsCode('ERR_WASMSH_SNAPSHOT_UNKNOWN', () => store.get(id.slice(0, 7)))
  })
})

async function read(
  store: Store,
  ...[snapshot, memory, address, length]: Parameters<Store['readMemory']>
): Promise<string> {
  const bytes = await store.readMemory(snapshot, memory, address, length)
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
