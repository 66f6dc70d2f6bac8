import * as assert from 'uvu/assert'
import { errnoName, rightsText, wasiName } from '../../../src/core/oplog/wasi-names.js'
import { suite } from '../../support/suite.js'

suite('names of WASI', (test) => {
  test('errors by their numbers', () => {
    assert.is(errnoName(0), 'success')
    assert.is(errnoName(8), 'badf')
    assert.is(errnoName(44), 'noent')
    assert.is(errnoName(70), 'spipe')
    assert.is(errnoName(76), 'notcapable')
    assert.is(errnoName(77), 'errno 77')
  })

  test('values of enumerated types', () => {
    assert.is(wasiName('whence', 2n), 'end')
    assert.is(wasiName('clockid', 1n), 'monotonic')
    assert.is(wasiName('whence', 9n), '9')
  })

  test('flags, those without a name too', () => {
    assert.is(wasiName('oflags', 9n), 'creat|trunc')
    assert.is(wasiName('fdflags', 0n), '0')
    assert.is(wasiName('fdflags', 0x21n), 'append|0x20')
    assert.is(wasiName('rights', 1n << 29n), 'sock_accept')
  })

  test('rights, in few words', () => {
    assert.is(rightsText(0n), '0')
    assert.is(rightsText(0x6n), 'fd_read|fd_seek')
    assert.is(rightsText(0xfffffffn), 'all')
    assert.is(rightsText(0xfffbffdn), 'all but fd_read|fd_readdir')
    assert.is(rightsText(0x3fffffffn), 'all, and sock_shutdown|sock_accept')
    assert.is(rightsText(0x40000002n), 'fd_read|0x40000000')
    assert.is(rightsText(1n << 29n), 'sock_accept')
  })

  test('none for plain numbers', () => {
    assert.is(wasiName('filesize', 3n), null)
  })
})
