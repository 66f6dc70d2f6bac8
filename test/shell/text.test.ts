import * as assert from 'uvu/assert'
import { hexdump } from '../../src/shell/hexdump.js'
import { fitWidths, formatTable } from '../../src/shell/table.js'
import {
  count,
  fold,
  formatBytes,
  formatTime,
  printable,
  widthOf,
  wrap,
} from '../../src/shell/text.js'
import { suite } from '../support/suite.js'

suite('fold', (test) => {
  test('breaks long lines of code where their parts end', () => {
    const line = 'call(3, "a b", one|two|three) = 4'
    assert.equal(fold(line, 40, '    '), [line])
    assert.equal(fold(line, 18, '    '), ['call(3, "a b",', '    one|two|three)', '    = 4'])
    assert.equal(fold('word-without-end', 4, '  '), ['word-without-end'])
  })
})

suite('printable', (test) => {
  test('leaves nothing that a terminal would obey', () => {
    assert.is(printable('a\u001b[31mb\r\n\t\u0007\u202e'), 'a\\x1b[31mb\\x0d\\n\\t\\x07\\u{202e}')
    assert.is(printable('grüße 漢字'), 'grüße 漢字')
  })
})

suite('widthOf', (test) => {
  test('counts columns, not characters or colours', () => {
    assert.is(widthOf('\u001b[1mabc\u001b[22m'), 3)
    assert.is(widthOf('漢字'), 4)
  })
})

suite('formatBytes, formatTime, count', (test) => {
  test('choose a unit', () => {
    assert.equal([0, 1023, 65536, 1610612736].map(formatBytes), [
      '0 B',
      '1023 B',
      '64 KiB',
      '1.50 GiB',
    ])
    assert.equal([5, 1500, 2_000_000, 12_345_678_901].map(formatTime), [
      '5 ns',
      '1.5 us',
      '2 ms',
      '12.3 s',
    ])
    assert.equal([count(1, 'frame'), count(2n, 'frame')], ['1 frame', '2 frames'])
  })
})

suite('wrap', (test) => {
  test('breaks at blanks and keeps indented lines', () => {
    assert.is(wrap('aa bb cc\n  kept as it is', 5), 'aa bb\ncc\n  kept as it is')
  })
})

suite('fitWidths', (test) => {
  test('takes from the widest column that may shrink', () => {
    assert.equal(fitWidths([10, 40, 20], [false, true, true], 60), [10, 26, 20])
    assert.equal(fitWidths([10, 40], [false, false], 20), [10, 40])
    assert.equal(fitWidths([40], [true], 2), [8])
  })
})

suite('formatTable', (test) => {
  const columns = [
    { head: 'N', align: 'right' as const },
    { head: 'NAME', shrinks: true },
  ]

  test('is aligned, without trailing blanks, and cut to the width', async () => {
    const rows = [
      ['1', 'short'],
      ['22', 'a name that is far too long for this'],
    ]
    const text = await formatTable(columns, rows, 20, (head) => head)
    assert.is(text, [' N  NAME', ' 1  short', '22  a name that is …'].join('\n'))
  })
})

suite('long tables', (test) => {
  test('are made in time that grows with the rows, all aligned alike', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => [String(index), 'x'])
    const columns = [{ head: 'N', align: 'right' as const }, { head: 'X' }]
    const lines = (await formatTable(columns, rows, 80, (head) => head)).split('\n')
    assert.is(lines.length, 5_001)
    assert.is(lines[1], '   0  x')
    assert.is(lines.at(-1), '4999  x')
  })
})

suite('hexdump', (test) => {
  test('shows address, bytes and text in 80 columns', () => {
    const line = hexdump(Buffer.from('Hello, world\n\0\xff!', 'latin1'), 0x400n)
    assert.is(
      line,
      '0x00000400  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a 00 ff 21  |Hello, world...!|',
    )
    assert.is(line.length, 80)
  })

  test('shows equal lines once, and the last line always', () => {
    const lines = hexdump(new Uint8Array(16 * 5), 0n).split('\n')
    assert.is(lines.length, 3)
    assert.is(lines[1], '*')
    assert.match(lines[2] ?? '', /^0x00000040/)
  })

  test('takes half the bytes where there is no room, and pads the last line', () => {
    const lines = hexdump(new Uint8Array(9).fill(65), 0n, 60).split('\n')
    assert.is(lines.length, 2)
    assert.is(lines[0]?.indexOf('|'), lines[1]?.indexOf('|'))
  })

  test('is empty without bytes', () => assert.is(hexdump(new Uint8Array(0), 0n), ''))
})
