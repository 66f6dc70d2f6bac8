import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { storePaths } from '../../../src/core/paths.js'
import { listDirectory } from '../../../src/core/store/durable-file.js'
import { formatIdentity, ownIdentity } from '../../../src/core/store/process-identity.js'
import type { Store } from '../../../src/core/store/store.js'
import { begin, moduleDigest, openStore, take } from '../../support/store-fixture.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

async function findings(store: Store): Promise<readonly string[]> {
  const { problems } = await store.check()
  return problems.map(({ severity, code }) => `${severity} ${code.replace('ERR_WASMSH_', '')}`)
}

suite('Store.check', (test) => {
  test('counts what is there, and finds nothing in an empty or a sound store', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(join(folder.path, 'nowhere'))
    assert.equal(await store.check(), { snapshots: 0, modules: 0, bytes: 0, problems: [] })

    await take(store, { pages: new Map([[0, 1]]) })
    await take(store)

    const { snapshots, modules, problems } = await store.check()
    assert.equal([snapshots, modules, problems], [2, 1, []])
  })

  test('goes on behind a damaged snapshot, and changes nothing', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const entries = []
    for (let count = 0; count < 5; count++) {
      entries.push(await take(store, { pages: new Map([[0, count + 1]]) }))
    }
    const [state, index, image, manifest, extra] = entries.map(({ directory }) => directory)
    await writeFile(join(state ?? '', 'state.bin'), 'x')
    await rm(join(index ?? '', 'memory-0.idx'))
    await chmod(join(image ?? '', 'memory-0.img'), 0o600)
    await writeFile(join(image ?? '', 'memory-0.img'), Buffer.alloc(65536))
    await writeFile(join(manifest ?? '', 'manifest.json'), '{}')
    await writeFile(join(extra ?? '', 'notes.txt'), 'mine')

    const found = [...(await findings(store))].sort()

    assert.equal(found, [
      'damage SNAPSHOT_CORRUPT',
      'damage SNAPSHOT_CORRUPT',
      'damage SNAPSHOT_CORRUPT',
      'damage SNAPSHOT_CORRUPT',
      'damage SNAPSHOT_INCOMPLETE',
    ])
    assert.equal([...(await findings(store))].sort(), found)
    assert.is((await store.list()).length, 5, 'the catalogue still knows all of them')
  })

  test('reports modules that are missing, damaged or not needed', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { name } = await take(store)
    const { modules } = storePaths(folder.path)
    const path = join(modules, `${moduleDigest}.wasm`)

    await rename(path, join(modules, `${'0'.repeat(64)}.wasm`))
    assert.equal(await findings(store), [
      'damage MODULE_CORRUPT',
      'damage MODULE_MISSING',
      'waste STORE_WASTE',
    ])

    await rename(join(modules, `${'0'.repeat(64)}.wasm`), path)
    await store.forget(name)
    assert.equal(await findings(store), ['waste STORE_WASTE'])
  })
})

suite('Store.gc', (test) => {
  test('removes modules without snapshots and leftovers of dead processes', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { name } = await take(store)
    await store.forget(name)
    const { temporary, modules } = storePaths(folder.path)
    const dead = formatIdentity({ ...ownIdentity(), started: '1' })
    await mkdir(join(temporary, `${dead}_11111111-2222-3333-4444-555555555555`))
    await writeFile(join(temporary, `${dead}_x`), 'cut off')
    assert.is((await findings(store)).length, 3)

    const report = await store.gc()

    assert.equal(report.modules, [moduleDigest])
    assert.is(report.temporary.length, 2)
    assert.ok(report.bytes >= 8)
    assert.equal(listDirectory(modules), [])
    assert.equal(listDirectory(temporary), [])
    assert.equal(await findings(store), [])
  })

  test('leaves what somebody is writing, and the module that it needs', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const { name } = await take(store)
    const draft = await begin(store)
    await store.forget(name)

    const report = await openStore(folder.path).gc()

    assert.equal([report.modules, report.temporary], [[], []])
    assert.equal(listDirectory(draft.directory), [])
    await draft.abort()
  })

  test('leaves everything alone that an unreadable snapshot may need', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    const parent = await take(store, { pages: new Map([[0, 1]]) })
    const child = await take(store, { base: parent.id })
    await store.forget(parent.id)
    await writeFile(join(child.directory, 'manifest.json'), '{"format":"1.7"}')
    await rm(storePaths(folder.path).catalogue)

    const report = await store.gc()

    assert.equal([report.modules, report.images], [[], []])
    assert.equal(listDirectory(storePaths(folder.path).kept), [parent.id])
  })
})
