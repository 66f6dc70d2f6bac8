/** What goes along, from real directories and without a guest. */
import { execFileSync } from 'node:child_process'
import { linkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { collect } from '../../../src/plugins/files/collect.js'
import type { Contents } from '../../../src/plugins/files/state.js'
import { type FilesHost, filesHost, plant } from '../../support/files-host.js'
import { suite } from '../../support/suite.js'

async function collected(
  b: FilesHost,
  contents: Contents,
  written: readonly string[] = [],
  moved: readonly string[] = [],
) {
  const places = (paths: readonly string[]) => paths.map((path) => ({ directory: '/data', path }))
  const changes = { written: places(written), moved: places(moved), removed: [], unlisted: 0 }
  const { entries, left } = await collect(b.host, changes, contents, b.snapshotContext())
  return {
    entries: entries.map(({ kind, place }) => `${kind} ${place.path}`),
    left: left.map(({ place, reason }) => `${place.path} ${reason}`),
    raw: entries,
  }
}

suite('collect', (test) => {
  test('takes nothing, what is told, or everything', async () => {
    await using b = await filesHost()
    plant(b.data, { 'a/f': '1', 'a/g': '2', 'b/f': '3', c: '4' })
    assert.equal((await collected(b, 'none', ['c'])).entries, [])
    assert.equal((await collected(b, 'written', ['a/f', 'gone'], ['b'])).entries, [
      'directory a',
      'file a/f',
      'directory b',
      'file b/f',
    ])
    assert.equal((await collected(b, 'all')).entries, [
      'directory a',
      'file a/f',
      'file a/g',
      'directory b',
      'file b/f',
      'file c',
    ])
  })

  test('stores a file once, whatever it is called', async () => {
    await using b = await filesHost()
    plant(b.data, { a: 'same', c: 'same' })
    linkSync(join(b.data, 'a'), join(b.data, 'b'))
    const { entries, raw } = await collected(b, 'all')
    assert.equal(entries, ['file a', 'link b', 'file c'])
    const blobs = raw.flatMap((one) => (one.kind === 'file' ? [one.blob] : []))
    assert.is(new Set(blobs).size, 1)
  })

  test('takes links on the way to what was written', async () => {
    await using b = await filesHost()
    plant(b.data, { 'real/deep/f': 'x', 'real/other': '' })
    symlinkSync('real/deep', join(b.data, 'way'))
    symlinkSync('../way/f', join(b.data, 'real', 'last'))
    assert.equal((await collected(b, 'written', ['real/last'])).entries, [
      'directory real',
      'symlink real/last',
      'symlink way',
      'directory real/deep',
      'file real/deep/f',
    ])
  })

  test('gives up on links that lead out, in circles or nowhere', async () => {
    await using b = await filesHost()
    plant(b.folder, { 'outside/secret': 'secret' })
    symlinkSync('../outside', join(b.data, 'out'))
    symlinkSync('circle', join(b.data, 'circle'))
    symlinkSync('nowhere', join(b.data, 'dangling'))
    const { entries, left } = await collected(b, 'written', ['out/secret', 'circle/f', 'dangling'])
    assert.equal(entries, ['symlink circle', 'symlink dangling'])
    assert.equal(left, ['out is a symbolic link that leads out of its directory'])
  })

  test('lists what it leaves: pipes, and names that are not UTF-8', async () => {
    await using b = await filesHost()
    execFileSync('mkfifo', [join(b.data, 'fifo')])
    writeFileSync(Buffer.concat([Buffer.from(`${b.data}/`), Buffer.of(255)]), '')
    const { entries, left } = await collected(b, 'all')
    assert.equal(entries, [])
    assert.equal(left.sort(), [
      ' holds a name that is not UTF-8',
      'fifo is neither a file, a directory nor a symbolic link',
    ])
  })
})
