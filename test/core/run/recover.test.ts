/** What a recovery needs of this host: directories, files, the module. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { openShell, type RunOptions, type Shell } from '../../../src/index.js'
import * as guests from '../../support/guests.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

interface Bench extends AsyncDisposable {
  readonly shell: Shell
  readonly folder: string
}

async function bench(): Promise<Bench> {
  const folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store') })
  const dispose = async (): Promise<void> => {
    await shell.close()
    await folder[Symbol.asyncDispose]()
  }
  return { shell, folder: folder.path, [Symbol.asyncDispose]: dispose }
}

/** Runs the logger on a file of 7 bytes, takes a snapshot with a few of them read, kills it. */
async function stored(b: Bench, options: RunOptions = {}): Promise<void> {
  const { shell, folder } = b
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'input'), 'abcdefg')
  const guest = await shell.run(await compileWat(guests.logger), {
    dirs: [{ host: join(folder, 'data'), guest: '/' }],
    stdin: { file: join(folder, 'input') },
    pauseAt: 70n,
    ...options,
  })
  assert.is((await guest.wait()).kind, 'paused')
  await guest.snapshot('logging')
  await guest.kill()
}

suite('Shell.recover', (test) => {
  test('goes on in the same files, input and output included', async () => {
    await using b = await bench()
    const output = join(b.folder, 'output')
    writeFileSync(output, 'old')
    await stored(b, { stdout: { file: output } })
    const before = readFileSync(join(b.folder, 'data', 'log'), 'utf8')
    assert.ok(before.length > 0 && before.length < 7, before)

    const guest = await b.shell.recover('logging')
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })

    assert.is(readFileSync(join(b.folder, 'data', 'log'), 'utf8'), 'abcdefg')
    assert.is(readFileSync(output, 'utf8'), '7')
  })

  test('takes other files and directories when told', async () => {
    await using b = await bench()
    await stored(b)
    renameSync(join(b.folder, 'data'), join(b.folder, 'moved'))
    writeFileSync(join(b.folder, 'other'), 'xyz')

    await rejectsCode('ERR_WASMSH_DIRECTORY_MISSING', () => b.shell.recover('logging'))
    const output = join(b.folder, 'output')
    const guest = await b.shell.recover('logging', {
      mapDirs: [{ host: join(b.folder, 'moved'), guest: '/' }],
      stdin: { file: join(b.folder, 'other') },
      stdout: { file: output },
    })
    await guest.wait()

    const log = readFileSync(join(b.folder, 'moved', 'log'), 'utf8')
    assert.match(log, /^[a-g]+xyz$/)
    assert.is(readFileSync(output, 'utf8'), String(log.length))
  })

  test('lists what to map after an import', async () => {
    await using b = await bench()
    await stored(b)
    const file = join(b.folder, 'logging.wsnap')
    await b.shell.store.export('logging', file)
    await b.shell.store.forget('logging')
    await b.shell.store.import(file, { name: 'other' })

    const error = await rejectsCode('ERR_WASMSH_RECOVER_MAPPING', () => b.shell.recover('other'))
    assert.is(error.hint, 'Add --map-dir /=HOST.')
    const dirs = [{ host: join(b.folder, 'data'), guest: '/' }]
    const again = await rejectsCode('ERR_WASMSH_RECOVER_MAPPING', () =>
      b.shell.recover('other', { mapDirs: dirs }),
    )
    assert.is(again.hint, 'Add --stdin FILE.')
    const guest = await b.shell.recover('other', {
      mapDirs: dirs,
      stdin: { file: join(b.folder, 'input') },
    })
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
  })

  test('refuses a directory that the guest has not', async () => {
    await using b = await bench()
    await stored(b)
    const error = await rejectsCode('ERR_WASMSH_OPTION_INVALID', () =>
      b.shell.recover('logging', { mapDirs: [{ host: b.folder, guest: '/x' }] }),
    )
    assert.is(error.hint, 'It has "/".')
  })

  test('takes the module from a file, and no other', async () => {
    await using b = await bench()
    await stored(b)
    const modules = join(b.folder, 'store', 'modules')
    const [name] = readdirSync(modules).filter((one) => one.endsWith('.wasm'))
    const module = join(b.folder, 'logger.wasm')
    renameSync(join(modules, name ?? ''), module)
    const other = join(b.folder, 'other.wasm')
    writeFileSync(other, await compileWat(guests.spinner))

    await rejectsCode('ERR_WASMSH_MODULE_MISSING', () => b.shell.recover('logging'))
    await rejectsCode('ERR_WASMSH_SNAPSHOT_MODULE', () =>
      b.shell.recover('logging', { module: other }),
    )
    const guest = await b.shell.recover('logging', { module })
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
  })

  test('refuses a file that is gone, and leaves nothing running', async () => {
    await using b = await bench()
    await stored(b)
    rmSync(join(b.folder, 'data', 'log'))
    await rejectsCode('ERR_WASMSH_RECOVER_FILE_MISSING', () => b.shell.recover('logging'))
    assert.equal(
      b.shell.guests().map(({ state }) => state),
      ['killed'],
    )
  })

  test('says what a snapshot would lose, and takes none', async () => {
    await using b = await bench()
    mkdirSync(join(b.folder, 'data'))
    const guest = await b.shell.run(await compileWat(guests.logger), {
      dirs: [{ host: join(b.folder, 'data'), guest: '/' }],
    })
    while (guest.info().hostCall !== 'wasi_snapshot_preview1.fd_read') {
      await guest.wait({ timeoutMs: 1 })
    }
    renameSync(join(b.folder, 'data', 'log'), join(b.folder, 'elsewhere'))
    await guest.pause()

    const error = await rejectsCode('ERR_WASMSH_SNAPSHOT_BLOCKED', () => guest.snapshot('lost'))

    assert.match(error.message, /descriptor 4/)
    assert.is(guest.planSnapshot().blockers.length, 1)
    assert.equal(await b.shell.store.list(), [])
  })
})
