import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { StablePoints } from '../../../src/core/aot/stable-points.js'
import { chooseTwins } from '../../../src/core/compile/choose-twins.js'
import { CodeCache } from '../../../src/core/compile/code-cache.js'
import { outputs } from '../../../src/core/compile/compile-job.js'
import { KeptPromises } from '../../../src/core/compile/kept-promises.js'
import { storePaths } from '../../../src/core/paths.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

const origin = { module: '0'.repeat(64), file: 'x.wasm', target: null }

/** Function 1 has few points, function 2 has many. */
async function points(): Promise<StablePoints> {
  const calls = '(call $host)'.repeat(80)
  const module = await compileWat(`(module (import "host" "f" (func $host))
    (func $small (call $host)) (func $large (call $small) ${calls}))`)
  return new StablePoints(instrument(module, { twins: 'open' }).points)
}

suite('chooseTwins', (test) => {
  test('takes small functions whole, and of large ones the points at hand', async () => {
    const stack = [
      { function: 1, point: 1 },
      { function: 2, point: 7 },
      { function: 1, point: 0 },
    ]
    assert.equal(chooseTwins(stack, await points(), []), [
      { function: 1, point: 'all' },
      { function: 2, point: 7 },
    ])
  })

  test('keeps what was chosen before, in order', async () => {
    const before = [{ function: 2, point: 30 }]
    assert.equal(chooseTwins([{ function: 2, point: 4 }], await points(), before), [
      { function: 2, point: 4 },
      { function: 2, point: 30 },
    ])
  })
})

suite('CodeCache', (test) => {
  test('keeps the twins that were used last, and all code', async () => {
    await using folder = await temporaryDirectory()
    const cache = new CodeCache(storePaths(folder.path), { codes: 3, twins: 3 })
    const make = (key: string): Promise<void> =>
      cache.make(key, origin, async (directory) => {
        for (const name of Object.values(outputs)) await writeFile(join(directory, name), '{}')
      })
    await make('code')
    await make('other')
    await make('other.twins')
    for (let count = 0; count < 3; count++) {
      await make(`code.${count}`)
      await utimes(join(folder.path, 'compiled', `code.${count}`), count, count)
    }
    await make('code.3')
    await make('code.4')

    const has = async (key: string): Promise<boolean> => (await cache.get(key)) !== undefined
    assert.equal(
      await Promise.all(['code', 'other.twins', 'code.0', 'code.1', 'code.4'].map(has)),
      [true, true, false, false, true],
    )
  })
})

suite('CodeCache of many modules', (test) => {
  test('keeps the code that was used last, and no twins without code', async () => {
    await using folder = await temporaryDirectory()
    const cache = new CodeCache(storePaths(folder.path), { codes: 3, twins: 3 })
    const make = async (key: string, used: number): Promise<void> => {
      await cache.make(key, origin, async (directory) => {
        for (const name of Object.values(outputs)) await writeFile(join(directory, name), '{}')
      })
      await utimes(join(folder.path, 'compiled', key), used, used)
    }
    for (let count = 0; count < 3; count++) await make(`code${count}`, count)
    await make('code0.twins', 100)
    await make('code1.twins', 100)

    await make('one-more', 100)

    const left = new Set(await readdir(join(folder.path, 'compiled')))
    assert.equal(
      ['code0', 'code0.twins', 'code1', 'code1.twins', 'one-more'].map((key) => left.has(key)),
      [false, false, true, true, true],
    )
  })
})

suite('KeptPromises', (test) => {
  test('does work once, keeps the latest, and forgets failures', async () => {
    const kept = new KeptPromises<number>(2)
    let works = 0
    const work = async (): Promise<number> => ++works
    assert.equal([await kept.get('a', work), await kept.get('a', work)], [1, 1])
    await kept.get('b', work)
    await kept.get('c', work)
    assert.is(await kept.get('a', work), 4)
    await kept
      .get('d', () => Promise.reject(new Error('no')))
      .then(
        () => assert.unreachable(),
        (error: unknown) => assert.is((error as Error).message, 'no'),
      )
    assert.is(await kept.get('d', work), 5)
  })
})
