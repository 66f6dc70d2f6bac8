import * as assert from 'uvu/assert'
import type { MemoryType } from '../../../src/core/edit/edit.js'
import { formatMemoryValue, parseMemoryValue } from '../../../src/core/edit/memory-value.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

suite('parseMemoryValue', (test) => {
  const cases: readonly [MemoryType, string, readonly number[]][] = [
    ['u8', '255', [0xff]],
    ['i8', '-1', [0xff]],
    ['u16', '258', [2, 1]],
    ['i32', '-2', [0xfe, 0xff, 0xff, 0xff]],
    ['u64', '18446744073709551615', [255, 255, 255, 255, 255, 255, 255, 255]],
    ['f32', '1.5', [0, 0, 0xc0, 0x3f]],
    ['f64', '-0', [0, 0, 0, 0, 0, 0, 0, 0x80]],
  ]
  for (const [type, text, bytes] of cases) {
    test(`writes ${text} as ${type}, little-endian`, () => {
      assert.equal([...parseMemoryValue(type, text)], bytes)
      assert.is(formatMemoryValue(type, Uint8Array.from(bytes)), text)
    })
  }

  test('refuses what does not fit', () => {
    throwsCode('ERR_WASMSH_EDIT_VALUE', () => parseMemoryValue('u8', '256'))
    throwsCode('ERR_WASMSH_EDIT_VALUE', () => parseMemoryValue('i16', '-32769'))
  })
})
