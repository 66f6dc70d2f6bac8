import * as assert from 'uvu/assert'
import type { Op } from '../../../src/core/plugin.js'
import { FilesFold } from '../../../src/plugins/files/fold.js'
import { op } from '../../support/files-host.js'
import { suite } from '../../support/suite.js'

const reading = 2n
const writing = 64n

function begun(): FilesFold {
  const fold = new FilesFold()
  fold.begin(new Map([[3, { place: { directory: '/d', path: '' }, options: null }]]), {})
  return fold
}

function open(path: string, fd: number, rights = reading, oflags = 0, at = 3): Op {
  const parameters = { fd: at, path, oflags, fdflags: 0, rights_base: rights, rights_inheriting: 0 }
  return op('path_open', parameters, fd)
}

function fold(...ops: readonly Op[]): FilesFold {
  const result = begun()
  for (const one of ops) result.record(one)
  return result
}

const paths = (places: readonly { readonly path: string }[]) => places.map(({ path }) => path)

suite('FilesFold', (test) => {
  test('keeps the tuple of an open as it was made', () => {
    const { place, options } = fold(open('f', 4, writing, 9)).opened(4) ?? {}
    assert.equal(place, { directory: '/d', path: 'f' })
    assert.equal(options, { oflags: 9, fdflags: 0, rights: writing, inheriting: 0n })
  })

  test('follows renumbering and closing', () => {
    const folded = fold(
      open('a', 4),
      open('b', 5),
      op('fd_renumber', { fd: 5, to: 4 }),
      open('c', 5),
      op('fd_close', { fd: 5 }),
      op('fd_renumber', { fd: 4, to: 4 }),
    )
    assert.is(folded.opened(4)?.place.path, 'b')
    assert.is(folded.opened(5), undefined)
  })

  test('resolves paths below directories that were opened', () => {
    const folded = fold(open('sub', 4, reading, 2), open('../f', 5, reading, 0, 4))
    assert.is(folded.opened(5)?.place.path, 'f')
  })

  test('counts as written what was made, emptied or opened for writing', () => {
    const folded = fold(
      open('read', 4),
      open('made', 5, reading, 1),
      open('emptied', 6, reading, 8),
      open('open', 7, writing),
      op('path_create_directory', { fd: 3, path: 'dir' }),
      op('path_symlink', { old_path: 'x', fd: 3, new_path: 'soft' }),
      op('path_link', { old_fd: 3, old_path: 'x', new_fd: 3, new_path: 'hard' }),
    )
    const { written } = folded.changes()
    assert.equal(paths(written), ['dir', 'emptied', 'hard', 'made', 'open', 'soft'])
    assert.is(folded.isWritten({ directory: '/d', path: 'read' }), false)
  })

  test('takes marks and open files along when a directory is renamed', () => {
    const folded = fold(
      open('a/f', 4, writing),
      open('ab/f', 5, writing),
      op('path_rename', { fd: 3, old_path: 'a', new_fd: 3, new_path: 'b' }),
    )
    assert.is(folded.opened(4)?.place.path, 'b/f')
    assert.is(folded.opened(5)?.place.path, 'ab/f')
    const { written, moved, removed } = folded.changes()
    assert.equal([paths(written), paths(moved), paths(removed)], [['ab/f', 'b/f'], ['b'], ['a']])
    assert.is(folded.isWritten({ directory: '/d', path: 'b/old' }), true)
  })

  test('forgets what was removed, until it is made again', () => {
    const remove = op('path_unlink_file', { fd: 3, path: 'f' })
    const removed = fold(open('f', 4, writing), remove)
    assert.equal(paths(removed.changes().written), [])
    assert.equal(paths(removed.changes().removed), ['f'])
    const again = fold(open('f', 4, writing), remove, open('f', 5, writing, 1))
    assert.equal(paths(again.changes().written), ['f'])
    assert.equal(paths(again.changes().removed), [])
  })

  const exclusive = 5

  test('has no trace of what was not there before and is not there any more', () => {
    const folded = fold(
      open('temporary', 4, writing, exclusive),
      op('path_unlink_file', { fd: 3, path: 'temporary' }),
      op('path_create_directory', { fd: 3, path: 'd' }),
      open('d/any', 5, writing, 1),
      op('path_unlink_file', { fd: 3, path: 'd/any' }),
      op('path_remove_directory', { fd: 3, path: 'd' }),
      open('new', 6, writing, exclusive),
      op('path_rename', { fd: 3, old_path: 'new', new_fd: 3, new_path: 'kept' }),
    )
    const { written, moved, removed } = folded.changes()
    assert.equal([paths(written), paths(moved), paths(removed)], [['kept'], ['kept'], []])
  })

  test('keeps in mind that a name was there, however often it comes and goes', () => {
    const folded = fold(
      op('path_unlink_file', { fd: 3, path: 'f' }),
      open('f', 4, writing, exclusive),
      op('path_unlink_file', { fd: 3, path: 'f' }),
      op('path_rename', { fd: 3, old_path: 'other', new_fd: 3, new_path: 'to' }),
      open('to/x', 5, writing, exclusive),
      op('path_unlink_file', { fd: 3, path: 'to/x' }),
    )
    assert.equal(paths(folded.changes().removed), ['f', 'other', 'to/x'])
  })

  test('keeps so many names that were removed, and counts the others', () => {
    const folded = begun()
    for (let i = 0; i < 70_000; i++) {
      folded.record(op('path_unlink_file', { fd: 3, path: `f${i}` }))
    }
    const { removed, unlisted } = folded.changes()
    assert.is(removed.length + unlisted, 70_000)
    assert.is(removed.length, 65_536)
    assert.ok(removed.some(({ path }) => path === 'f69999'))
    const again = new FilesFold()
    again.begin(new Map(), folded.changes())
    assert.equal(again.changes(), folded.changes())
  })

  test('leaves out calls that failed, and names that are not UTF-8 or lead out', () => {
    const failed: Op = { ...open('f', 4, writing), errno: 'noent', results: {} }
    const odd: Op = { ...open('f', 5, writing), parameters: { fd: 3n, path: Uint8Array.of(255) } }
    const folded = fold(failed, odd, open('../f', 6, writing))
    assert.equal(folded.changes().written, [])
    for (const fd of [4, 5, 6]) assert.is(folded.opened(fd), undefined)
  })
})
