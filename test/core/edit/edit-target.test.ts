import * as assert from 'uvu/assert'
import type { EditTarget } from '../../../src/core/edit/edit.js'
import { formatTarget, parseTarget } from '../../../src/core/edit/edit-target.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

suite('parseTarget', (test) => {
  const cases: readonly [string, EditTarget][] = [
    ['local 3', { kind: 'local', index: 3, frame: 2 }],
    ['local count', { kind: 'local', index: 'count', frame: 2 }],
    ['stack 0', { kind: 'operand', index: 0, frame: 2 }],
    ['global 1', { kind: 'global', index: 1 }],
    ['global $__stack_pointer', { kind: 'global', index: '__stack_pointer' }],
    ['table 0[2]', { kind: 'table', table: 0, index: 2 }],
    ['table[7]', { kind: 'table', table: 0, index: 7 }],
    ['u32[0x100]', { kind: 'memory', type: 'u32', address: 0x100n }],
    ['f64 [16]', { kind: 'memory', type: 'f64', address: 16n }],
    ['bytes[4294967296]', { kind: 'bytes', address: 0x100000000n }],
    [' pc ', { kind: 'pc' }],
  ]
  for (const [text, target] of cases) {
    test(`reads "${text}"`, () => {
      assert.equal(parseTarget(text, 2), target)
      assert.equal(parseTarget(formatTarget(target), 2), target)
    })
  }

  const bad = [
    '',
    'local',
    'stack x',
    'global 1x',
    'u31[0]',
    'u32[-1]',
    'u32[x]',
    'table 0[5000000000]',
  ]
  for (const text of bad) {
    test(`refuses "${text}"`, () => {
      throwsCode('ERR_WASMSH_EDIT_TARGET', () => parseTarget(text))
    })
  }
})
