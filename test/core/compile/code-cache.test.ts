import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { CodeCache } from '../../../src/core/compile/code-cache.js'
import { outputs } from '../../../src/core/compile/compile-job.js'
import { storePaths } from '../../../src/core/paths.js'
import { fuzzRounds } from '../../support/fuzz.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'

const origin = { module: '0'.repeat(64), file: 'x.wasm', target: null }

/** Fills an entry: each file has a text of its own. */
async function fill(directory: string): Promise<void> {
  for (const name of Object.values(outputs)) {
    await writeFile(join(directory, name), JSON.stringify({ name }))
  }
}

suite('CodeCache', (test) => {
  test('keeps the twins that were used last, and all code', async () => {
    await using folder = await temporaryDirectory()
    const cache = new CodeCache(storePaths(folder.path), { codes: 3, twins: 3 })
    const make = (key: string): Promise<unknown> =>
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

suite('CodeCache of damaged entries', (test) => {
  test('finds every change of a byte, and has them made anew', async () => {
    await using folder = await temporaryDirectory()
    const cache = new CodeCache(storePaths(folder.path))
    await cache.make('code', origin, fill)
    const entry = cache.directory('code')
    const names = readdirSync(entry)
    assert.equal(names.sort(), [...Object.values(outputs), 'seal.json'].sort())
    await fuzzRounds(async (choices) => {
      const name = names[choices.below(names.length)] ?? ''
      const file = join(entry, name)
      const before = readFileSync(file)
      const bytes = Buffer.from(before)
      const at = choices.below(bytes.length)
      switch (choices.below(4)) {
        case 0:
          truncateSync(file, at)
          break
        case 1:
          writeFileSync(file, Buffer.concat([bytes, Buffer.from([choices.below(256)])]))
          break
        default:
          bytes[at] = (bytes[at] ?? 0) ^ (1 + choices.below(255))
          writeFileSync(file, bytes)
      }
      assert.is(await cache.get('code', { everything: true }), undefined, `${name} at ${at}`)
      // Where code traps is looked up when it does, with a checksum of its own.
      const isFound = (await cache.get('code')) !== undefined
      assert.is(isFound, name === outputs.traps, `${name} at ${at}`)

      const { code, traps } = await cache.make('code', origin, fill)

      assert.is(Buffer.from(code).toString(), '{"name":"code.aot"}')
      assert.is(traps, join(entry, outputs.traps))
      assert.ok((await cache.get('code', { everything: true })) !== undefined)
      assert.equal(readFileSync(file), before)
      assert.equal(readdirSync(join(folder.path, 'tmp')), [])
    })
  })

  test('does not take one for another', async () => {
    await using folder = await temporaryDirectory()
    const cache = new CodeCache(storePaths(folder.path))
    await cache.make('one', origin, fill)
    await cache.make('other', origin, fill)
    for (const name of readdirSync(cache.directory('one'))) {
      writeFileSync(
        join(cache.directory('other'), name),
        readFileSync(join(cache.directory('one'), name)),
      )
    }
    assert.is(await cache.get('other'), undefined)
  })
})

suite('CodeCache with several writers', (test) => {
  test('has the entry all the time', async () => {
    await using folder = await temporaryDirectory()
    const cache = new CodeCache(storePaths(folder.path))
    await cache.make('code', origin, fill)
    let isOver = false
    const made = Promise.all(
      [1, 2].map(async () => {
        for (let times = 0; times < 50; times++) await cache.make('code', origin, fill)
      }),
    ).finally(() => {
      isOver = true
    })
    let reads = 0
    for (; !isOver; reads++) {
      assert.ok((await cache.get('code', { everything: true })) !== undefined, `read ${reads}`)
      await setImmediate()
    }
    await made
    assert.ok(reads > 0)
    assert.equal(readdirSync(join(folder.path, 'tmp')), [])
  })
})
