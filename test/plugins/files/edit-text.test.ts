import * as assert from 'uvu/assert'
import { parseEdit } from '../../../src/plugins/files/edit-text.js'
import { suite } from '../../support/suite.js'

suite('parseEdit', (test) => {
  test('reads offsets in decimal and hex', () => {
    assert.equal(parseEdit('fd[4].offset', '0x10'), { kind: 'offset', fd: 4, offset: 16n })
    for (const value of ['-1', '1.5', '', '9223372036854775808']) {
      assert.throws(() => parseEdit('fd[4].offset', value))
    }
  })

  test('reads flags by their names', () => {
    assert.equal(parseEdit('fd[4].flags', 'append, nonblock'), { kind: 'flags', fd: 4, fdflags: 5 })
    assert.equal(parseEdit('fd[4].flags', 'none'), { kind: 'flags', fd: 4, fdflags: 0 })
    assert.throws(() => parseEdit('fd[4].flags', 'read'))
  })

  test('tells closing, sharing and opening apart', () => {
    assert.equal(parseEdit('fd[4]', 'closed'), { kind: 'close', fd: 4 })
    assert.equal(parseEdit('fd[9]', 'fd[4]'), { kind: 'share', fd: 9, with: 4 })
    const opened = parseEdit('fd[9]', '"/data/a b" write,append')
    if (opened.kind !== 'open') throw new Error(`It is ${opened.kind}`)
    assert.equal([opened.path, opened.fdflags], ['/data/a b', 1])
    assert.is(opened.rights & 2n, 0n)
    assert.is(opened.rights & 64n, 64n)
  })

  test('refuses other targets, and descriptors that no guest has', () => {
    for (const target of ['fd', 'fd[x]', 'fd[4].size', 'fd[1024]', 'fd[4', 'offset']) {
      assert.throws(() => parseEdit(target, '1'))
    }
  })
})
