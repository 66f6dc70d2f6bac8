/** What a recovery says about files that are not as they have to be: all of it, before anything. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'
import { type FileBench, fileBench, treeOf } from '../../support/file-bench.js'
import { inNewProcess } from '../../support/process-job.js'
import type { RecoverAnswer, RecoverJob } from '../../support/recover-worker.js'
import { checkout } from '../../support/run-cli.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'

const minute = 60_000
const nobody = 65_534
const isRoot = process.getuid?.() === 0
/** Another user can run what is in this checkout: every folder on the way lets everybody through. */
const isOpenToOthers = foldersTo(checkout).every((folder) => (statSync(folder).mode & 0o001) === 1)

function foldersTo(path: string): readonly string[] {
  return path === '/' ? [path] : [...foldersTo(dirname(path)), path]
}

/** Gives everything of a test to a user who may do nothing. */
function giveAway(root: string): void {
  execFileSync('chown', ['-R', String(nobody), root])
  chmodSync(root, 0o755)
}

async function recoverAs(b: FileBench, host: string, uid?: number): Promise<RecoverAnswer> {
  return await inNewProcess<RecoverJob, RecoverAnswer>('./recover-worker.ts', {
    home: b.path('store'),
    snapshot: 's',
    options: { mapDirs: [{ host, guest: '/data' }], stdin: 'null' },
    ...(uid === undefined ? {} : { uid }),
  })
}

/** A file system of a few kilobytes; undefined where none can be mounted. */
function smallDisk(path: string, options: string): Disposable | undefined {
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'wasmsh-test', path], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  return { [Symbol.dispose]: () => execFileSync('umount', ['-l', path]) }
}

suite(
  'problems with files at a recovery',
  (test) => {
    test('are told for each file at once, and nothing is changed', async () => {
      await using b = await fileBench()
      for (const name of ['gone', 'changed', 'kind', 'fine']) {
        writeFileSync(b.path('data', name), name)
      }
      const guest = await b.run((g) =>
        g
          .open('gone')
          .open('changed')
          .open('kind')
          .open('fine')
          .open('new', { write: true, create: true })
          .wait(),
      )
      await b.store(guest, { contents: 'written' })
      rmSync(b.path('data', 'gone'))
      writeFileSync(b.path('data', 'changed'), 'longer than before')
      rmSync(b.path('data', 'kind'))
      mkdirSync(b.path('data', 'kind'))
      writeFileSync(b.path('data', 'new'), 'in the way')
      const before = treeOf(b.data)

      const error = await rejectsCode('ERR_WASMSH_RECOVER_FILES', () => b.recoverHere())

      assert.equal(
        error.problems.map(({ resource, reason }) => `${resource} ${reason}`),
        [
          '/data/new has other contents here',
          '/data/gone is not there',
          '/data/changed was changed after the snapshot was taken',
          '/data/kind is a directory here, and was a file',
        ],
      )
      assert.ok(error.problems.every(({ hint }) => hint.length > 0))
      assert.equal(treeOf(b.data), before)
      assert.equal(
        b.shell.guests().map(({ state }) => state),
        ['killed'],
      )
    })

    test('are printed one a line, and are in --json', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g.open('a', { create: true, write: true }).open('b', { create: true, write: true }).wait(),
      )
      rmSync(b.path('data', 'a'))
      rmSync(b.path('data', 'b'))
      const { error } = await b.recover()
      assert.is(error?.code, 'ERR_WASMSH_RECOVER_FILE_MISSING')
      assert.equal(
        error?.problems?.map(({ resource }) => resource),
        ['/data/a', '/data/b'],
      )
    })

    test('name a directory of the host that is gone', async () => {
      await using b = await fileBench()
      await b.take((g) => g.wait())
      rmSync(b.data, { recursive: true })
      await rejectsCode('ERR_WASMSH_DIRECTORY_MISSING', () => b.recoverHere())
      writeFileSync(b.data, 'a file')
      await rejectsCode('ERR_WASMSH_DIRECTORY_MISSING', () => b.recoverHere())
    })

    test('leave a file for standard output alone', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'f'), '')
      await b.take((g) => g.open('f').wait())
      rmSync(b.path('data', 'f'))
      writeFileSync(b.path('out'), 'kept')
      await rejectsCode('ERR_WASMSH_RECOVER_FILE_MISSING', () =>
        b.recoverHere({ stdout: { file: b.path('out') } }),
      )
      assert.match(treeOf(b.folder)['out'] ?? '', /kept$/)
    })

    test('take back what was made when a standard stream fails behind it', async () => {
      await using b = await fileBench()
      await b.take((g) => g.open('f', { write: true, create: true }).wait(), { contents: 'all' })
      mkdirSync(b.path('empty'))
      await rejectsCode('ERR_WASMSH_STREAM_FILE', () =>
        b.recoverHere({
          mapDirs: [{ host: b.path('empty'), guest: '/data' }],
          stdin: { file: b.path('missing') },
        }),
      )
      assert.equal(readdirSync(b.path('empty')), [])
    })

    test('are names that are not UTF-8, at the snapshot already', async () => {
      await using b = await fileBench()
      const name = Uint8Array.of(0x66, 0xff, 0x67)
      const guest = await b.run((g) => g.open(name, { write: true, create: true }).wait())
      const error = await rejectsCode('ERR_WASMSH_SNAPSHOT_BLOCKED', () => guest.snapshot('x'))
      assert.match(error.message, /has a name that is not UTF-8/)
      assert.match(error.hint, /Rename it/)
    })

    if (isRoot) {
      const asNobody = isOpenToOthers
        ? test
        : (title: string) => test.skip(title, 'the checkout is closed to other users')

      asNobody('are permissions: files, and directories that nothing can be made in', async () => {
        await using b = await fileBench()
        mkdirSync(b.path('data', 'd'))
        writeFileSync(b.path('data', 'f'), 'f')
        writeFileSync(b.path('data', 'w'), 'w')
        await b.take(
          (g) => g.open('f').open('d/new', { write: true, create: true }).open('w').wait(),
          { contents: 'written' },
        )
        rmSync(b.path('data', 'd', 'new'))
        giveAway(b.folder)
        chownSync(b.path('data', 'f'), 0, 0)
        chmodSync(b.path('data', 'f'), 0o600)
        chownSync(b.path('data', 'd'), 0, 0)
        const before = treeOf(b.data)

        const { error, guests } = await recoverAs(b, b.data, nobody)

        assert.is(error?.code, 'ERR_WASMSH_RECOVER_FILE_DENIED')
        assert.equal(
          error?.problems?.map(({ resource, reason }) => `${resource} ${reason}`),
          [
            '/data/d/new cannot be made: /data/d is not yours to write to',
            '/data/f may not be opened or made by you',
          ],
        )
        assert.equal(treeOf(b.data), before)
        assert.is(guests, 0)
      })

      asNobody('do not arise from directories that are read-only in the snapshot', async () => {
        await using b = await fileBench()
        mkdirSync(b.path('data', 'd'))
        writeFileSync(b.path('data', 'd', 'f'), 'f')
        chmodSync(b.path('data', 'd'), 0o555)
        await b.take((g) => g.open('d/f').wait(), { contents: 'all' })
        mkdirSync(b.path('empty'))
        giveAway(b.folder)

        const { error } = await recoverAs(b, b.path('empty'), nobody)

        assert.is(error, null)
        assert.equal(treeOf(b.path('empty')), { d: 'directory 555', 'd/f': '644 1 f' })
      })

      test('are read-only media for what is written, not for what is read', async () => {
        await using b = await fileBench()
        const media = b.path('media')
        using disk = smallDisk(media, 'size=1m')
        if (disk === undefined) return
        writeFileSync(join(media, 'r'), 'read')
        writeFileSync(join(media, 'w'), 'written')
        const dirs = [{ host: media, guest: '/data' }]
        await b.take((g) => g.open('r').wait().read(4, 9), { contents: 'all' }, { dirs })
        execFileSync('mount', ['-o', 'remount,ro', media])
        assert.is((await b.recover()).stdout, '[read]')
        execFileSync('mount', ['-o', 'remount,rw', media])
        const guest = await b.run((g) => g.open('w', { write: true }).wait(), { dirs })
        await b.store(guest, {}, { force: true })
        execFileSync('mount', ['-o', 'remount,ro', media])
        const { error } = await b.recover()
        assert.is(error?.code, 'ERR_WASMSH_RECOVER_FILE_DENIED')
        assert.match(error?.message ?? '', /^\/data\/w is on a read-only file system/)
      })

      test('are a disk that is too small', async () => {
        await using b = await fileBench()
        writeFileSync(b.path('data', 'large'), Buffer.alloc(300_000, 'x'))
        await b.take((g) => g.wait(), { contents: 'all' })
        using disk = smallDisk(b.path('disk'), 'size=64k')
        if (disk === undefined) return
        const { error } = await recoverAs(b, b.path('disk'))
        assert.is(error?.code, 'ERR_WASMSH_RECOVER_DISK_FULL')
        assert.match(error?.message ?? '', /^\/data has 65536 bytes of room/)
        assert.equal(readdirSync(b.path('disk')), [])
      })

      test('are a disk that fills up half-way: what was made goes again', async () => {
        await using b = await fileBench()
        for (let index = 0; index < 8; index++) writeFileSync(b.path('data', `f${index}`), 'x')
        await b.take((g) => g.wait(), { contents: 'all' })
        // Room for bytes, and for three files only.
        using disk = smallDisk(b.path('disk'), 'size=1m,nr_inodes=4')
        if (disk === undefined) return
        const { error } = await recoverAs(b, b.path('disk'))
        assert.is(error?.code, 'ERR_WASMSH_RECOVER_DISK_FULL')
        assert.match(error?.message ?? '', /^\/data\/f\d does not fit: the disk is full$/)
        assert.equal(readdirSync(b.path('disk')), [])
      })
    } else {
      test.skip('are permissions and disks', 'needs root')
    }

    test('are too many open files', async () => {
      await using b = await fileBench()
      await b.take((g) => {
        for (let index = 0; index < 120; index++) g.open(`f${index}`, { create: true, write: true })
        g.wait()
      })
      const script = `ulimit -n 80 && exec "$0" --import tsx test/support/recover-limited.ts "$1"`
      const output = execFileSync('sh', ['-c', script, process.execPath, b.path('store')], {
        cwd: new URL('../../..', import.meta.url).pathname,
        encoding: 'utf8',
      })
      const { code, problems, hint } = JSON.parse(output) as {
        code: string
        hint: string
        problems: { resource: string; hint: string }[]
      }
      assert.is(code, 'ERR_WASMSH_RECOVER_TOO_MANY_FILES', output)
      assert.ok(problems.length > 10, String(problems.length))
      assert.match(`${problems[0]?.hint} ${hint}`, /ulimit -n/)
    })
  },
  2 * minute,
)

suite('a recovery in a directory that was renamed and linked', (test) => {
  test('goes by the link', async () => {
    await using b = await fileBench()
    writeFileSync(b.path('data', 'f'), 'f')
    await b.take((g) => g.open('f').wait())
    renameSync(b.data, b.path('real'))
    symlinkSync('real', b.data)
    const guest = await b.recoverHere()
    await guest.kill()
  })
})
