import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { Lock } from '../../../src/core/store/lock.js'
import { formatIdentity, ownIdentity } from '../../../src/core/store/process-identity.js'
import { runWorkers, startWorker } from '../../support/store-workers.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'

suite('Lock.run', (test) => {
  test('runs one at a time, in the order of the calls, and passes results through', async () => {
    await using folder = await temporaryDirectory()
    const lock = new Lock(folder.path)
    const order: number[] = []
    let inside = 0

    const results = await Promise.all(
      [1, 2, 3].map((number) =>
        lock.run(async () => {
          assert.is(++inside, 1)
          await new Promise((done) => setImmediate(done))
          inside--
          order.push(number)
          return number
        }),
      ),
    )

    assert.equal(results, [1, 2, 3])
    assert.equal(order, [1, 2, 3])
    assert.equal(await readdir(folder.path), [])
  })

  test('is free again after a failure', async () => {
    await using folder = await temporaryDirectory()
    const lock = new Lock(folder.path)

    await lock.run(() => Promise.reject(new Error('inside'))).catch(() => undefined)

    assert.is(await lock.run(async () => 'free'), 'free')
  })

  test('gives up after a while and names the holder', async () => {
    await using folder = await temporaryDirectory()
    const holder = new Lock(folder.path)
    const other = new Lock(folder.path)

    await holder.run(async () => {
      const error = await rejectsCode('ERR_WASMSH_STORE_LOCKED', () =>
        other.run(async () => 'never', 50),
      )
      assert.match(error.message, `process ${process.pid}`)
    })
    assert.is(await other.run(async () => 'free'), 'free')
  })

  test('takes over from a dead process, not from one that it cannot see', async () => {
    await using folder = await temporaryDirectory()
    const own = ownIdentity()
    const nonce = '11111111-2222-3333-4444-555555555555'
    const dead = formatIdentity({ ...own, started: '1' })
    await writeFile(join(folder.path, `1_${dead}_${nonce}`), '')
    assert.is(await new Lock(folder.path).run(async () => 'taken'), 'taken')

    const foreign = formatIdentity({ ...own, namespace: '1' })
    const file = join(folder.path, `1_${foreign}_${nonce}`)
    await writeFile(file, '')
    const error = await rejectsCode('ERR_WASMSH_STORE_LOCKED', () =>
      new Lock(folder.path).run(async () => 'never', 50),
    )
    assert.match(error.hint, file)
  })

  test('holds between twenty processes: no count is lost', async () => {
    await using folder = await temporaryDirectory()
    const counter = join(folder.path, 'counter')
    await writeFile(counter, '0')

    await runWorkers(20, 'count', [join(folder.path, 'lock'), counter, '10'])

    assert.is(await readFile(counter, 'utf8'), '200')
    assert.equal(await readdir(join(folder.path, 'lock')), [])
  })

  test('passes on when its holder is killed', async () => {
    await using folder = await temporaryDirectory()
    const directory = join(folder.path, 'lock')
    const worker = startWorker('hold', [directory])
    await worker.said('holding')
    const waiting = new Lock(directory).run(async () => 'mine')

    worker.kill()

    assert.is(await waiting, 'mine')
    assert.equal(await readdir(directory), [])
  })
}, 60_000)
