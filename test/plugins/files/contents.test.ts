/** What a snapshot takes along, and what a recovery makes of it elsewhere. */
import {
  chmodSync,
  closeSync,
  cpSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import * as assert from 'uvu/assert'
import { fileBench, treeOf } from '../../support/file-bench.js'
import { suite } from '../../support/suite.js'

const minute = 60_000
// Files of guests have modes that follow from it.
process.umask(0o022)

suite(
  '--contents',
  (test) => {
    test('all brings a whole tree into an empty directory', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'sub', 'deep'), { recursive: true })
      writeFileSync(b.path('data', 'sub', 'deep', 'f'), 'one')
      writeFileSync(b.path('data', 'script'), '#!', { mode: 0o755 })
      linkSync(b.path('data', 'script'), b.path('data', 'sub', 'hard'))
      symlinkSync('../script', b.path('data', 'sub', 'soft'))
      symlinkSync('nowhere', b.path('data', 'dangling'))
      mkdirSync(b.path('data', 'closed'))
      writeFileSync(b.path('data', 'closed', 'f'), 'two', { mode: 0o444 })
      chmodSync(b.path('data', 'closed'), 0o555)
      await b.take(
        (g) => g.open('sub/deep/f', { write: true }).read(4, 1).wait().read(4, 2).write(4, '!'),
        { contents: 'all' },
      )
      const before = treeOf(b.data)
      const modified = statSync(b.path('data', 'script'), { bigint: true }).mtimeNs
      mkdirSync(b.path('empty'))

      const { stdout, error } = await b.recover('--map-dir', `/data=${b.path('empty')}`)

      assert.equal([stdout, error], ['[ne]', null])
      assert.equal(treeOf(b.path('empty')), { ...before, 'sub/deep/f': '644 1 one!' })
      assert.is(statSync(b.path('empty', 'script'), { bigint: true }).mtimeNs, modified)
    })

    test('written brings what the guest made, changed and renamed, and no more', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'd'))
      for (const name of ['read', 'changed', 'd/below']) writeFileSync(b.path('data', name), name)
      await b.take(
        (g) =>
          g
            .open('read')
            .open('changed', { write: true })
            .write(5, 'CH')
            .close(5)
            .makeDirectory('new')
            .open('new/made', { write: true, create: true })
            .write(5, 'made')
            .rename('d', 'e')
            .symlink('changed', 'soft')
            .link('changed', 'hard')
            .open('gone', { write: true, create: true })
            .close(6)
            .unlink('gone')
            .close(4)
            .wait()
            .write(5, '!'),
        { contents: 'written' },
      )
      mkdirSync(b.path('empty'))

      const { error } = await b.recover('--map-dir', `/data=${b.path('empty')}`)

      assert.is(error, null)
      assert.equal(treeOf(b.path('empty')), {
        changed: '644 2 CHanged',
        e: 'directory 755',
        'e/below': '644 1 d/below',
        hard: '644 2 CHanged',
        new: 'directory 755',
        'new/made': '644 1 made!',
        soft: 'link to changed',
      })
    })

    test('written goes through links to what was written behind them', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'real'))
      symlinkSync('real', b.path('data', 'way'))
      await b.take(
        (g) => g.open('way/f', { write: true, create: true }).write(4, 'x').wait().write(4, 'y'),
        { contents: 'written' },
      )
      mkdirSync(b.path('empty'))
      const { error } = await b.recover('--map-dir', `/data=${b.path('empty')}`)
      assert.is(error, null)
      assert.equal(treeOf(b.path('empty')), {
        real: 'directory 755',
        'real/f': '644 1 xy',
        way: 'link to real',
      })
    })

    test('none needs the files to be there', async () => {
      await using b = await fileBench()
      await b.take((g) => g.open('f', { write: true, create: true }).wait())
      mkdirSync(b.path('empty'))
      const { error } = await b.recover('--map-dir', `/data=${b.path('empty')}`)
      assert.is(error?.code, 'ERR_WASMSH_RECOVER_FILE_MISSING')
      assert.equal(readdirSync(b.path('empty')), [])
    })

    test('keeps what is there and the same; other contents only go with --overwrite', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'f'), 'mine')
      writeFileSync(b.path('data', 'same'), 'same')
      await b.take((g) => g.open('f', { write: true }).seek(4, 0, 2).wait().write(4, '!'), {
        contents: 'all',
      })
      cpSync(b.data, b.path('other'), { recursive: true })
      writeFileSync(b.path('other', 'f'), 'another')
      writeFileSync(b.path('other', 'more'), 'more')
      const map = ['--map-dir', `/data=${b.path('other')}`]

      const { error } = await b.recover(...map)
      assert.is(error?.code, 'ERR_WASMSH_RECOVER_FILE_CHANGED')
      assert.match(error?.message ?? '', /^\/data\/f has other contents here$/)
      assert.match(error?.hint ?? '', /--overwrite/)
      assert.is(readFileSync(b.path('other', 'f'), 'utf8'), 'another')

      assert.is((await b.recover(...map, '--overwrite')).error, null)
      assert.equal(treeOf(b.path('other')), {
        f: '644 1 mine!',
        more: '644 1 more',
        same: '644 1 same',
      })
    })

    test('lets a directory never give way to a file', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'f'), 'file')
      await b.take((g) => g.wait(), { contents: 'all' })
      mkdirSync(b.path('other', 'f'), { recursive: true })
      const { error } = await b.recover('--map-dir', `/data=${b.path('other')}`, '--overwrite')
      assert.is(error?.message, '/data/f is a directory here, and a file in the snapshot')
    })

    test('keeps holes of files', async () => {
      await using b = await fileBench()
      const size = 128 * 1024 ** 2 + 65_536
      const fd = openSync(b.path('data', 'huge'), 'w')
      ftruncateSync(fd, size)
      writeSync(fd, 'start', 0)
      writeSync(fd, 'end', size - 3)
      closeSync(fd)
      await b.take(
        (g) =>
          g
            .open('huge')
            .seek(4, size - 3)
            .wait()
            .read(4, 9),
        { contents: 'all' },
      )
      mkdirSync(b.path('empty'))
      const { stdout } = await b.recover('--map-dir', `/data=${b.path('empty')}`)
      assert.is(stdout, '[end]')
      const copy = statSync(b.path('empty', 'huge'))
      assert.is(copy.size, size)
      assert.ok(copy.blocks * 512 < 1024 * 1024, `${copy.blocks} blocks`)
    })

    test('keeps holes of a deleted file', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g
          .open('t', { write: true, create: true })
          .unlink('t')
          .setSize(4, 2n ** 27n)
          .seek(4, -3, 2)
          .write(4, 'end')
          .wait()
          .seek(4, -3, 2)
          .read(4, 9),
      )
      const blobs = readdirSync(b.path('store'), { recursive: true, encoding: 'utf8' })
      const [blob = ''] = blobs.filter((path) => /blob-[0-9a-f]{64}$/.test(path))
      assert.ok(statSync(b.path('store', blob)).blocks * 512 < 1024 * 1024)
      assert.is((await b.recover()).stdout, '[end]')
    })

    test('says what was left out, and what is there though the guest removed it', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'removed'), '')
      symlinkSync('/etc', b.path('data', 'out'))
      await b.take((g) => g.unlink('removed').wait(), { contents: 'all' })
      writeFileSync(b.path('data', 'removed'), 'back')
      const guest = await b.recoverHere()
      assert.equal(
        guest.degradations.map(({ resource, reason }) => `${resource} ${reason}`),
        [
          '/data/out is a symbolic link that leads out of its directory',
          '/data/removed was removed by the guest and is here',
        ],
      )
    })

    test('travels in an exported snapshot', async () => {
      await using b = await fileBench()
      await b.take(
        (g) =>
          g
            .open('f', { write: true, create: true })
            .write(4, 'exported')
            .seek(4, 0)
            .wait()
            .read(4, 9),
        { contents: 'written' },
      )
      await b.shell.store.export('s', b.path('s.wsnap'))
      await b.shell.store.forget('s')
      await b.shell.store.import(b.path('s.wsnap'), { name: 's' })
      rmSync(b.data, { recursive: true })
      mkdirSync(b.path('fresh'))
      const { stdout } = await b.recover('--map-dir', `/data=${b.path('fresh')}`)
      assert.is(stdout, '[exported]')
    })

    test('takes a moved directory as it was when it was written to before', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'd'))
      await b.take(
        (g) =>
          g
            .open('d/f', { write: true, create: true })
            .write(4, 'x')
            .rename('d', 'e')
            .wait()
            .write(4, 'y'),
        { contents: 'written' },
      )
      renameSync(b.data, b.path('before'))
      mkdirSync(b.data)
      assert.is((await b.recover()).error, null)
      assert.equal(treeOf(b.data), { e: 'directory 755', 'e/f': '644 1 xy' })
    })
  },
  2 * minute,
)
