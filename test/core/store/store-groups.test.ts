import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { storePaths } from '../../../src/core/paths.js'
import { listDirectory } from '../../../src/core/store/durable-file.js'
import type { Store } from '../../../src/core/store/store.js'
import { openStore, take, takeGroup } from '../../support/store-fixture.js'
import { runWorkers, startWorker } from '../../support/store-workers.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'

suite('a stored group', (test) => {
  for (const action of ['take', 'replace', 'forget']) {
    test(`is whole or absent wherever "${action}" ends`, async () => {
      await using folder = await temporaryDirectory()
      await runWorkers(1, 'steps', [folder.path, action])

      const endings = new Set<string>()
      const homes = (await readdir(folder.path)).length
      for (let step = 1; step <= homes; step++) {
        const store = openStore(join(folder.path, `${step}`))
        const before = await guestsOf(store)
        endings.add(before)
        await store.gc()
        assert.is(await guestsOf(store), before, `after garbage collection, change ${step}`)
        const { problems } = await store.check()
        assert.equal(
          problems.filter(({ severity }) => severity === 'damage'),
          [],
          `change ${step}`,
        )
        assert.equal(listDirectory(storePaths(store.home).temporary), [])
        await take(store, { name: 'still-works' })
      }

      const expected = {
        take: ['b c d', 'none'],
        replace: ['a b', 'b c d'],
        forget: ['a b', 'none'],
      }
      assert.equal([...endings].sort(), expected[action as keyof typeof expected])
      assert.ok(homes > (action === 'forget' ? 5 : 15), `${homes} changes`)
    })
  }

  test('is never seen in parts while others replace it and are killed', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    for (let round = 0; round < 4; round++) {
      const worker = startWorker('groups', [folder.path, '1000'])
      await worker.said('ready')
      const end = performance.now() + Math.random() * 150
      try {
        do await guestsOf(store)
        while (performance.now() < end)
      } finally {
        worker.kill()
        await worker.ended()
      }
      await guestsOf(store)
      const { problems } = await store.check()
      assert.equal(
        problems.filter(({ severity }) => severity === 'damage'),
        [],
        `round ${round}`,
      )
    }
    await store.gc()
    // It is made by whoever needs it first, who may have been killed in front of that.
    assert.equal(listDirectory(storePaths(folder.path).temporary), [])
  })

  test('goes with one "forget", also when a part of it was forgotten before', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    await take(store, { name: 'other' })
    await takeGroup(store, 'both', ['a', 'b', 'c'])
    await store.forget('both.b')

    await rejectsCode('ERR_WASMSH_SNAPSHOT_UNKNOWN', () => store.forget('both', 'neither'))
    assert.is((await store.list()).length, 3)
    await store.forget('both', 'both.a')

    assert.equal(
      (await store.list()).map(({ name }) => name),
      ['other'],
    )
  })

  test('is no snapshot: who takes it for one is told what its snapshots are', async () => {
    await using folder = await temporaryDirectory()
    const store = openStore(folder.path)
    await takeGroup(store, 'both', ['a', 'b'])
    const file = join(folder.path, 'both.wsnap')

    const error = await rejectsCode('ERR_WASMSH_SNAPSHOT_UNKNOWN', () => store.export('both', file))

    assert.match(error.message, /"both" is no snapshot but a group/)
    assert.match(error.hint ?? '', /both\.a, both\.b/)
  })

  test('is whole again when each of its snapshots has been exported and imported', async () => {
    await using folder = await temporaryDirectory()
    await using other = await temporaryDirectory()
    const [from, to] = [openStore(folder.path), openStore(other.path)]
    await takeGroup(from, 'both', ['a', 'b'])
    const file = (name: string) => join(folder.path, `${name}.wsnap`)
    for (const name of ['both.a', 'both.b']) await from.export(name, file(name))

    await to.import(file('both.b'))
    await rejectsCode('ERR_WASMSH_GROUP_INCOMPLETE', () => to.group('both'))
    await to.import(file('both.a'))

    assert.is(await guestsOf(to), 'a b')
  })
}, 60_000)

/** Guests of the group "both", or "none" when neither it nor a snapshot of it is there. */
async function guestsOf(store: Store): Promise<string> {
  const seen = (await store.list()).filter(({ name }) => name.startsWith('both.'))
  const [first] = seen
  if (first === undefined) return 'none'
  const members = first.group?.members.map(({ snapshot }) => snapshot) ?? []
  assert.equal(seen.map(({ id }) => id).sort(), [...members].sort())
  return seen
    .map(({ name }) => name.slice(5))
    .sort()
    .join(' ')
}
