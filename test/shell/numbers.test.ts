import * as assert from 'uvu/assert'
import { parseCount, parseNumber, parseSeconds, parseSize } from '../../src/shell/numbers.js'
import { suite } from '../support/suite.js'
import { throwsCode } from '../support/throws.js'

suite('parseNumber', (test) => {
  test('reads decimal and hex without loss', () => {
    assert.is(parseNumber('18446744073709551615', 'x'), 2n ** 64n - 1n)
    assert.is(parseNumber('0xFFff_ffff', 'x'), 2n ** 32n - 1n)
    assert.is(parseNumber(' 1_000 ', 'x'), 1000n)
  })

  test('refuses what is no whole number', () => {
    for (const text of ['', '-1', '1.5', '0x', 'x', '1e3', '9'.repeat(50)]) {
      throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseNumber(text, 'x'))
    }
  })
})

suite('parseCount', (test) => {
  test('refuses numbers out of range', () => {
    assert.is(parseCount('7', 'x', 1, 7), 7)
    for (const text of ['0', '8']) {
      throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseCount(text, 'x', 1, 7))
    }
  })
})

suite('parseSize', (test) => {
  test('knows units', () => {
    const sizes = ['512', '4KiB', '4k', '4KB', '1.5M', '2 GiB', '0x100', '3b']
    const bytes = [512, 4096, 4096, 4096, 1572864, 2147483648, 256, 3]
    assert.equal(
      sizes.map((text) => parseSize(text, 'x')),
      bytes,
    )
  })

  test('refuses what is no size', () => {
    for (const text of ['', 'M', '4 furlongs', '-4K', '99999999999G']) {
      throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseSize(text, 'x'))
    }
  })
})

suite('parseSeconds', (test) => {
  test('gives milliseconds', () => {
    assert.equal(
      ['5', '0.25', '200ms', '2m', '1h', '3 s'].map((text) => parseSeconds(text, 'x')),
      [5000, 250, 200, 120000, 3600000, 3000],
    )
  })

  test('refuses what no timer takes', () => {
    for (const text of ['', '-1', 'soon', '600h']) {
      throwsCode('ERR_WASMSH_COMMAND_USAGE', () => parseSeconds(text, 'x'))
    }
  })
})
