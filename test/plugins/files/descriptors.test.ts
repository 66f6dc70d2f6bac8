/** Descriptors across a recovery in a new process: what each stands for, and where it stands. */
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import * as assert from 'uvu/assert'
import { fileBench } from '../../support/file-bench.js'
import { suite } from '../../support/suite.js'

const minute = 60_000

suite(
  'descriptors',
  (test) => {
    test('keep number, offset and what was written; a "w" does not empty the file again', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'in'), 'abcdefgh')
      await b.take((g) =>
        g
          .open('in')
          .open('out', { write: true, create: true, truncate: true })
          .write(5, 'before ')
          .seek(4, 3)
          .wait()
          .read(4, 2)
          .write(5, 'after'),
      )
      const { stdout, code } = await b.recover()
      assert.equal([stdout, code], ['[de]', 0])
      assert.is(readFileSync(b.path('data', 'out'), 'utf8'), 'before after')
    })

    test('keep gaps between their numbers, and their order of renumbering', async () => {
      await using b = await fileBench()
      for (const name of ['a', 'b', 'c']) writeFileSync(b.path('data', name), `${name}12345`)
      await b.take((g) =>
        g
          .open('a')
          .open('b')
          .open('c')
          .read(6, 2)
          .renumber(6, 4)
          .close(5)
          .wait()
          .read(4, 2)
          .read(5, 1)
          .open('b')
          .read(5, 1),
      )
      // Errno 8 is badf: 5 was closed; the next open gets it.
      assert.is((await b.recover()).stdout, '[23]errno 08\n[b]')
    })

    test('append from two descriptors, each of its own open file', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g
          .open('log', { write: true, create: true, append: true })
          .open('log', { write: true, append: true })
          .write(4, '1')
          .write(5, '2')
          .wait()
          .write(4, '3')
          .write(5, '4')
          .seek(4, 0)
          .write(4, '5'),
      )
      await b.recover()
      assert.is(readFileSync(b.path('data', 'log'), 'utf8'), '12345')
    })

    test('keep rights that were given up, and flags that were set', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g
          .open('f', { write: true, create: true })
          .write(4, 'one')
          .setFlags(4, 1)
          .open('f', { write: true })
          .setRights(5, 2n)
          .wait()
          .seek(4, 0)
          .write(4, 'two')
          .write(5, 'no')
          .seek(5, 0)
          .read(5, 6),
      )
      // Errno 76 is notcapable: writing and seeking were given up.
      assert.is((await b.recover()).stdout, 'errno 76\nerrno 76\n[onetwo]')
      assert.is(readFileSync(b.path('data', 'f'), 'utf8'), 'onetwo')
    })

    test('go on in the middle of a directory, whose entries come and go', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'd'))
      const names = Array.from({ length: 20 }, (_, index) => `name${index}`)
      for (const name of names) writeFileSync(b.path('data', 'd', name), '')
      const guest = await b.run(
        (g) => g.open('d', { directory: true }).list(4, 8).wait().list(4, 99),
        {
          stdout: { file: b.path('first') },
        },
      )
      await b.store(guest)
      const first = readFileSync(b.path('first'), 'utf8').trim().split('\n')
      assert.is(first.length, 8)
      const [gone = ''] = first.filter((name) => name.startsWith('name'))
      rmSync(b.path('data', 'd', gone))

      const second = (await b.recover()).stdout.trim().split('\n')

      assert.equal([...first, ...second].sort(), ['.', '..', ...names].sort())
    })

    test('of directories resolve paths, and may stand for the preopen itself', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'd'))
      writeFileSync(b.path('data', 'd', 'f'), 'inside')
      writeFileSync(b.path('data', 'f'), 'outside')
      await b.take((g) =>
        g
          .open('d', { directory: true })
          .open('.', { directory: true })
          .wait()
          .open('f', { at: 4 })
          .open('f', { at: 5 })
          .read(6, 9)
          .read(7, 9),
      )
      assert.is((await b.recover()).stdout, '[inside][outside]')
    })

    test('find a file that was opened through ".." or a link', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'd'))
      writeFileSync(b.path('data', 'f'), 'found')
      await b.take((g) =>
        g
          .symlink('../f', 'd/link')
          .open('d/../f')
          .open('d/link')
          .read(4, 1)
          .wait()
          .read(4, 9)
          .read(5, 9),
      )
      assert.is((await b.recover()).stdout, '[ound][found]')
    })

    test('follow a file that was renamed, with its directory too', async () => {
      await using b = await fileBench()
      mkdirSync(b.path('data', 'd'))
      writeFileSync(b.path('data', 'd', 'f'), 'renamed')
      await b.take((g) =>
        g.open('d/f').read(4, 2).rename('d/f', 'd/g').rename('d', 'e').wait().read(4, 9),
      )
      assert.equal(readdirSync(b.path('data', 'e')), ['g'])
      assert.is((await b.recover()).stdout, '[named]')
    })

    test('take the contents of a replaced and of a deleted file along', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'old'), 'old contents')
      writeFileSync(b.path('data', 'new'), 'new contents')
      await b.take((g) =>
        g
          .open('old')
          .rename('new', 'old')
          .open('tmp', { write: true, create: true, exclusive: true })
          .unlink('tmp')
          .write(5, 'secret')
          .seek(5, 2)
          .wait()
          .read(4, 12)
          .read(5, 9)
          .write(5, '!')
          .seek(5, 0)
          .read(5, 9),
      )
      assert.is((await b.recover()).stdout, '[old contents][cret][secret!]')
      assert.equal(readdirSync(b.data), ['old'])
    })

    test('take directories along that were deleted, empty as they are', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g
          .makeDirectory('d')
          .open('d', { directory: true })
          .removeDirectory('d')
          .makeDirectory('d')
          .wait()
          .list(4, 9)
          .open('f', { at: 4, write: true, create: true })
          .open('.', { at: 4, directory: true })
          .say('still there'),
      )
      assert.is((await b.recover()).stdout, 'errno 44\nstill there')
      assert.equal(readdirSync(b.data), ['d'])
      assert.equal(readdirSync(b.path('data', 'd')), [])
    })

    test('share one deleted file after a recovery, and after another', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g
          .open('f', { write: true, create: true })
          .open('f')
          .unlink('f')
          .write(4, 'one')
          .wait()
          .write(4, 'two')
          .read(5, 9),
      )
      const guest = await b.recoverHere()
      await b.shell.store.forget('s')
      await b.store(guest)
      assert.is((await b.recover()).stdout, '[onetwo]')
    })

    test('are found again in another directory', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'f'), 'moved')
      await b.take((g) => g.open('f').read(4, 2).wait().read(4, 9))
      renameSync(b.data, b.path('elsewhere'))

      const refused = await b.recover()
      assert.is(refused.error?.code, 'ERR_WASMSH_DIRECTORY_MISSING')
      const { stdout } = await b.recover('--map-dir', `/data=${b.path('elsewhere')}`)
      assert.is(stdout, '[ved]')
    })

    test('take a copy with another time for the same file, but not another file', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'f'), 'same')
      await b.take((g) => g.open('f').wait().read(4, 9))
      writeFileSync(b.path('data', 'f'), 'same')
      assert.is((await b.recover()).stdout, '[same]')
      writeFileSync(b.path('data', 'f'), 'other')
      assert.is((await b.recover()).error?.code, 'ERR_WASMSH_RECOVER_FILE_CHANGED')
    })

    test('of a hard link go on in the file that both names have', async () => {
      await using b = await fileBench()
      writeFileSync(b.path('data', 'one'), '12')
      linkSync(b.path('data', 'one'), b.path('data', 'two'))
      await b.take((g) =>
        g.open('one', { write: true }).open('two').seek(4, 0, 2).wait().write(4, '3').read(5, 9),
      )
      assert.is((await b.recover()).stdout, '[123]')
    })

    test('stand beyond 4 GiB', async () => {
      await using b = await fileBench()
      const size = 5 * 1024 ** 3
      const fd = openSync(b.path('data', 'huge'), 'w')
      ftruncateSync(fd, size)
      writeSync(fd, 'end', size - 3)
      closeSync(fd)
      await b.take((g) =>
        g
          .open('huge')
          .seek(4, size - 3)
          .wait()
          .read(4, 9),
      )
      assert.is((await b.recover()).stdout, '[end]')
    })

    test('survive two moves', async () => {
      await using b = await fileBench()
      await b.take((g) =>
        g
          .open('f', { write: true, create: true, truncate: true })
          .write(4, 'a')
          .wait()
          .write(4, 'b')
          .wait()
          .write(4, 'c'),
      )
      const guest = await b.recoverHere({ stdin: 'pipe', paused: false })
      guest.stdin?.write('g')
      while (readFileSync(b.path('data', 'f'), 'utf8') !== 'ab') await guest.wait({ timeoutMs: 2 })
      await guest.pause()
      await b.store(guest, {}, { force: true })
      await b.recover()
      assert.is(readFileSync(b.path('data', 'f'), 'utf8'), 'abc')
    })
  },
  minute,
)

suite(
  'standard streams',
  (test) => {
    test('are files again, at their offset, one for two if it was', async () => {
      await using b = await fileBench()
      const file = b.path('both')
      await b.take(
        (g) => g.say('one ').write(2, 'two ').wait().say('three ').write(2, 'four'),
        {},
        {
          stdout: { file },
          stderr: { file },
        },
      )
      assert.is(readFileSync(file, 'utf8'), 'one two ')
      const guest = await b.recoverHere({
        stdin: 'pipe',
        paused: false,
        stdout: { file: b.path('x') },
      })
      guest.stdin?.end('g')
      await guest.wait()
      assert.is(readFileSync(b.path('x'), 'utf8'), 'three ')
      writeFileSync(b.path('input'), 'g')
      const again = await b.shell.recover('s', { stdin: { file: b.path('input') } })
      await again.wait()
      assert.match(readFileSync(file, 'utf8'), /^one two /)
      assert.match(readFileSync(file, 'utf8'), /three four$/)
    })

    test('are a terminal, a pipe or nothing again', async () => {
      for (const kind of ['terminal', 'pipe', 'null'] as const) {
        await using b = await fileBench()
        await b.take((g) => g.wait().say('x'), {}, { stdout: kind })
        const guest = await b.shell.recover('s', { paused: true })
        assert.is(guest.stdout === null, kind === 'null')
        const [, stdout] = guest.tracker('files')?.plan?.({}) ?? []
        assert.match(stdout?.reason ?? '', kind === 'null' ? /nothing/ : new RegExp(kind))
        await guest.kill()
      }
    })

    test('of the input say what was not read, and that it travels', async () => {
      await using b = await fileBench()
      const guest = await b.run((g) => g.wait().read(0, 9))
      guest.stdin?.write('gabc')
      await b.store(guest)
      const again = await b.recoverHere({ stdout: { file: b.path('out') } })
      const [stdin] = again.tracker('files')?.plan?.({}) ?? []
      assert.match(stdin?.reason ?? '', /4 bytes that were not read travel/)
      again.resume()
      assert.equal(await again.wait(), { kind: 'ended', code: 0 })
      assert.is(readFileSync(b.path('out'), 'utf8'), '[abc]')
    })
  },
  minute,
)
