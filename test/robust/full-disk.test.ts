/** A disk without space: what was asked for is refused by name, and nothing is lost. */
import { readdirSync } from 'node:fs'
import { rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { StoreProblem } from '../../src/core/store/store.js'
import { type Guest, openShell, type Shell } from '../../src/index.js'
import { Collected } from '../support/collected.js'
import { copier, counter } from '../support/guests.js'
import { canMount, type SmallDisk, smallDisk } from '../support/small-disk.js'
import { type Define, suite } from '../support/suite.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

const kibibyte = 1024

interface Bench {
  readonly disk: SmallDisk
  /** Its store is on the disk. */
  readonly shell: Shell
  /** Leaves so many bytes of the disk free; null for all of it. */
  leave(bytes: number | null): Promise<void>
}

async function onSmallDisk(use: (bench: Bench) => Promise<void>): Promise<void> {
  await using disk = smallDisk(1024 * kibibyte)
  const shell = await openShell({ home: join(disk.path, 'store') })
  const ballast = join(disk.path, 'ballast')
  const leave = async (bytes: number | null): Promise<void> => {
    await rm(ballast, { force: true })
    if (bytes === null) return
    await writeFile(ballast, Buffer.alloc(1024 * kibibyte)).catch(() => undefined)
    const { size } = await stat(ballast)
    await truncate(ballast, Math.max(0, size - bytes))
  }
  try {
    await use({ disk, shell, leave })
  } finally {
    await shell.close()
  }
}

/** What is wrong with the store; a module that nothing needs yet is only waste. */
async function damageIn({ store }: Shell): Promise<readonly StoreProblem[]> {
  const { problems } = await store.check()
  return problems.filter(({ severity }) => severity === 'damage')
}

/** Takes snapshots with more and more space, up to what is enough. */
async function refusedUntil(
  { shell, leave, disk }: Bench,
  guest: Guest,
  enough: number,
  step: number,
): Promise<void> {
  let refused = 0
  for (let free = 0; free <= enough; free += step) {
    await leave(free * kibibyte)
    try {
      await guest.snapshot('kept', { force: true })
    } catch (error) {
      assert.is((error as { code?: string }).code, 'ERR_WASMSH_STORE_FULL', String(error))
      refused++
    }
    assert.is(guest.state, 'paused')
    assert.equal(await damageIn(shell), [])
    assert.equal(readdirSync(join(disk.path, 'store', 'tmp')), [], `${free} KiB were free`)
  }
  assert.ok(refused > 2, `${refused} refused`)
  await leave(null)
  await guest.snapshot('kept', { force: true })
}

function define(test: Define): void {
  test('refuses a snapshot at whatever point it is full; the guest goes on', async () => {
    await onSmallDisk(async (bench) => {
      const guest = await bench.shell.run(await compileWat(counter(20)), { pauseAt: 100n })
      const output = new Collected(guest.stdout)
      await guest.wait()

      await refusedUntil(bench, guest, 40, 4)

      guest.resume()
      assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
      assert.is(output.all().toString().split('\n').length, 21)
    })
  })

  test('refuses input that does not fit, and loses none of it', async () => {
    await onSmallDisk(async (bench) => {
      const guest = await bench.shell.run(await compileWat(copier), { paused: true })
      const output = new Collected(guest.stdout)
      // More than a pipe holds: the rest is kept by the shell.
      const input = 'x'.repeat(200 * kibibyte)
      guest.stdin?.end(input)

      await refusedUntil(bench, guest, 480, 32)

      guest.resume()
      assert.equal(await guest.wait(), { kind: 'ended', code: 3 })
      assert.is(output.all().toString(), input)
    })
  })

  test('refuses exports and imports, and leaves no half of a file', async () => {
    await onSmallDisk(async ({ shell, leave, disk }) => {
      await using folder = await temporaryDirectory()
      const guest = await shell.run(await compileWat(counter(20)), { paused: true })
      await guest.snapshot('one')
      const archive = join(folder.path, 'one.wsnap')
      await shell.store.export('one', archive)
      await leave(0)

      await rejectsCode('ERR_WASMSH_STORE_FULL', () =>
        shell.store.export('one', join(disk.path, 'one.wsnap')),
      )
      await shell.store.forget('one').catch(() => undefined)
      await rejectsCode('ERR_WASMSH_STORE_FULL', () => shell.store.import(archive))

      assert.equal(readdirSync(disk.path).sort(), ['ballast', 'store'])
      assert.equal(readdirSync(join(disk.path, 'store', 'tmp')), [])
      assert.equal(await damageIn(shell), [])
    })
  })
}

suite('a full disk', (test) => {
  if (canMount()) define(test)
  else test.skip('refuses what does not fit', 'mounting a small file system needs root')
}, 60_000)
