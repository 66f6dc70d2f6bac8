/** `files` and `set files...`: seeing and changing descriptors, paused and stored. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { files } from '../../../src/plugins/files/index.js'
import type { FileRow } from '../../../src/plugins/files/table.js'
import { fileGuest, type GuestCalls } from '../../support/file-guest.js'
import { suite } from '../../support/suite.js'
import { openTestSession, type TestSession } from '../../support/test-session.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

interface Bench extends TestSession {
  /** Path of a file below the guest's /data. */
  path(name: string): string
  /** Lets the paused guest, or one recovered from a snapshot, run to its end; gives its output. */
  finish(snapshot?: string): Promise<string>
}

/** A session with a guest "g" that has made those calls up to the one that waits. */
async function bench(
  contents: Readonly<Record<string, string>>,
  list: (calls: GuestCalls) => void,
): Promise<Bench> {
  const test = await openTestSession([files])
  const data = join(test.folder, 'data')
  mkdirSync(data)
  const path = (name: string) => join(data, name)
  for (const [name, text] of Object.entries(contents)) writeFileSync(path(name), text)
  const output = join(test.folder, 'output')
  const guest = await test.shell.run(await compileWat(fileGuest(list)), {
    name: 'g',
    dirs: [{ host: data, guest: '/data' }],
    stdout: { file: output },
  })
  while (guest.info().hostCall !== 'wasi_snapshot_preview1.fd_read') {
    const outcome = await guest.wait({ timeoutMs: 2 })
    if (outcome.kind === 'ended') throw new Error('The guest ended before it waited')
  }
  await guest.pause()
  test.session.choose(guest)
  const input = join(test.folder, 'input')
  writeFileSync(input, 'g')
  return {
    ...test,
    path,
    finish: async (snapshot) => {
      if (snapshot === undefined) {
        guest.stdin?.end('g')
        guest.resume()
        await guest.wait({ until: 'end' })
        return readFileSync(output, 'utf8')
      }
      const again = join(test.folder, `output of ${snapshot}`)
      const recovered = await test.shell.recover(snapshot, {
        stdin: { file: input },
        stdout: { file: again },
      })
      await recovered.wait({ until: 'end' })
      return readFileSync(again, 'utf8')
    },
  }
}

const rows = async (b: Bench, line = 'files'): Promise<readonly FileRow[]> => {
  const { result } = (await b.json(line)) as { result: { descriptors: readonly FileRow[] } }
  return result.descriptors
}
const row = async (b: Bench, fd: number, line?: string) =>
  (await rows(b, line)).find((one) => one.fd === fd)

suite('files', (test) => {
  test('shows descriptors as a table', async () => {
    await using b = await bench({ f: '12345', old: '', new: 'n' }, (g) =>
      g
        .open('f', { write: true })
        .read(4, 2)
        .open('log', { read: false, write: true, create: true, append: true })
        .open('old')
        .rename('new', 'old')
        .open('.', { directory: true })
        .wait(),
    )
    const table = (await b.line('files')).split('\n').map((line) => line.trim().split(/\s{2,}/))
    assert.equal(table.slice(1, 2), [['0', 'stdin', 'pipe', 'read']])
    assert.equal(table.slice(4), [
      ['3', 'preopen', '/data'],
      ['4', 'file', '/data/f', 'read,write', '2', '5', 'same'],
      ['5', 'file', '/data/log', 'write,append', '0', '0', 'same'],
      ['6', 'file', '/data/old', 'read', '0', '0', 'changed'],
      ['7', 'directory', '/data', 'same'],
    ])
    rmSync(b.path('old'))
    assert.is((await row(b, 6))?.state, 'gone')
    assert.equal(await rows(b, 'files g'), await rows(b))
    assert.is((await row(b, 4))?.offset as unknown, '2')
  })

  test('shows those of a stored snapshot, and what became of their files', async () => {
    await using b = await bench({ a: 'a', b: 'b', c: 'c' }, (g) =>
      g.open('a').open('b').open('c').wait(),
    )
    await b.line('snapshot s')
    writeFileSync(b.path('b'), 'longer')
    renameSync(b.path('c'), b.path('d'))
    const states = (await rows(b, 'files --guest snapshot:s')).map(({ state }) => state)
    assert.equal(states.slice(4), ['same', 'changed', 'gone'])
  })

  test('refuses what it does not understand', async () => {
    await using b = await bench({}, (g) => g.wait())
    await rejectsCode('ERR_WASMSH_GUEST_UNKNOWN', () => b.line('files nobody'))
    for (const line of ['files close', 'files open', 'files some thing', 'files --write']) {
      await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => b.line(line))
    }
    await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => b.line('files close 9'))
    await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => b.line('files open /etc/passwd'))
    await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => b.line('files open /data/../etc/passwd'))
    await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => b.line('files open /data/missing'))
  })
}, 60_000)

suite('set files.fd[N]', (test) => {
  test('moves the offset, of a guest and of a snapshot', async () => {
    await using b = await bench({ f: '0123456789' }, (g) => g.open('f').wait().read(4, 2))
    await b.line('snapshot s')
    assert.is(await b.line('set files.fd[4].offset = 5'), 'files.fd[4].offset: 0 -> 5')
    assert.is(await b.finish(), '[56]')
    await b.line('set --guest snapshot:s --name moved files.fd[4].offset = 7')
    assert.is(await b.finish('moved'), '[78]')
    assert.is(await b.finish('s'), '[01]')
  })

  test('points a descriptor to another file', async () => {
    await using b = await bench({ f: 'first', other: 'other' }, (g) =>
      g.open('f').read(4, 1).wait().read(4, 9),
    )
    await b.line('snapshot s')
    await b.line('set files.fd[4].path = /data/other')
    assert.is((await row(b, 4))?.path, '/data/other')
    await b.line('snapshot after')
    assert.is(await b.finish(), '[f][ther]')
    assert.is(await b.finish('after'), '[ther]')
    await b.line('set --guest snapshot:s --name repointed files.fd[4].path = /data/other')
    assert.is(await b.finish('repointed'), '[ther]')
  })

  test('has a snapshot take a changed file as it is', async () => {
    await using b = await bench({ f: 'first' }, (g) => g.open('f').wait().read(4, 9))
    await b.line('snapshot s')
    writeFileSync(b.path('f'), 'changed')
    const error = await rejectsCode('ERR_WASMSH_RECOVER_FILE_CHANGED', () => b.finish('s'))
    const [, edit = ''] = /"set (.*?)"/.exec(error.hint) ?? []
    await b.line(`set --guest snapshot:s --name taken ${edit}`)
    assert.is(await b.finish('taken'), '[changed]')
  })

  test('sets and takes away flags', async () => {
    await using b = await bench({ f: 'abc' }, (g) =>
      g.open('f', { write: true }).wait().write(4, 'd'),
    )
    await b.line('snapshot s')
    assert.is(await b.line('set files.fd[4].flags = append'), 'files.fd[4].flags: none -> append')
    await b.finish()
    assert.is(readFileSync(b.path('f'), 'utf8'), 'abcd')
    writeFileSync(b.path('f'), 'abc')
    await b.line('set --guest snapshot:s --name appends files.fd[4].flags = append')
    await b.finish('appends')
    assert.is(readFileSync(b.path('f'), 'utf8'), 'abcd')
    await rejectsCode('ERR_WASMSH_EDIT_TARGET', () =>
      b.line('set --guest snapshot:s files.fd[4].flags = sync'),
    )
  })

  test('closes, opens and shares, in a guest', async () => {
    await using b = await bench({ f: 'first', 'a b': 'blank' }, (g) =>
      g.open('f').wait().read(4, 1).read(5, 2).read(4, 2).read(9, 3),
    )
    await b.line('files share 4')
    assert.equal((await row(b, 5))?.sharedWith, [4])
    await b.line('files open "/data/a b" --fd 9 --write')
    assert.equal((await row(b, 9))?.flags, ['read', 'write'])
    await b.line('snapshot s')
    // One offset for both: what one reads the other does not read again.
    assert.is(await b.finish('s'), '[f][ir][st][bla]')
    await b.line('files close 4')
    assert.is(await b.finish(), 'errno 08\n[fi]errno 08\n[bla]')
  })

  test('closes, opens and shares, in a stored snapshot, each time in a child', async () => {
    await using b = await bench({ f: 'first', x: 'xyz' }, (g) =>
      g.open('f').open('f').wait().read(4, 1).read(5, 2).read(6, 2).read(9, 3),
    )
    await b.line('snapshot s')
    await b.line('use snapshot:s')
    const after = async (line: string): Promise<string> => {
      const [, name = ''] = /in new snapshot (\S+)$/.exec(await b.line(line)) ?? []
      await b.line(`use snapshot:${name}`)
      return name
    }
    await after('files close 5')
    await after('files share 4')
    await after('set files.fd[4].offset = 1')
    await after('files share 4 --fd 6')
    const last = await after('set files.fd[9] = /data/x')
    assert.equal((await row(b, 4))?.sharedWith, [5, 6])
    assert.is((await row(b, 6))?.offset as unknown, '1')
    assert.is(await b.finish(last), '[i][rs][t][xyz]')
    const edits = (await b.shell.store.get(last)).manifest.edits.map(({ target }) => target)
    assert.equal(edits, [
      'files.fd[5]',
      'files.fd[5]',
      'files.fd[4].offset',
      'files.fd[6]',
      'files.fd[9]',
    ])
  })

  test('refuses what cannot be, and leaves everything', async () => {
    await using b = await bench({ f: 'f' }, (g) => g.open('f').wait())
    await b.line('snapshot s')
    const before = await rows(b)
    for (const edit of [
      'fd[4].offset = -1',
      'fd[4].offset = 9223372036854775808',
      'fd[4].color = red',
      'fd[4].flags = fast',
      'fd[4].path = /etc/passwd',
      'fd[4] = /data/f',
      'fd[4] = fd[4]',
      'fd[7] = fd[8]',
      'fd[3].offset = 1',
      'fd[1].path = /data/f',
      'fd[1024] = /data/f',
      'fd[8].offset = 1',
      'descriptor = 4',
    ]) {
      for (const where of ['', '--guest snapshot:s ']) {
        await rejectsCode('ERR_WASMSH_EDIT_TARGET', () => b.line(`set ${where}files.${edit}`))
      }
    }
    assert.equal(await rows(b), before)
    assert.equal(
      (await b.shell.store.list()).map(({ name }) => name),
      ['s'],
    )
  })

  test('is in the completions and in the manual', async () => {
    await using b = await bench({ f: 'f' }, (g) => g.open('f').wait())
    assert.ok((await b.complete('set files.fd[4]')).includes('files.fd[4].offset '))
    assert.match(await b.line('help set'), /files\.fd\[N\]\.offset/)
    assert.equal(await b.complete('files sh'), ['share '])
  })
}, 60_000)
