import * as assert from 'uvu/assert'
import {
  defaultGuestName,
  freeGuestName,
  requireGuestName,
} from '../../../src/core/guest/guest-name.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

suite('defaultGuestName', (test) => {
  const cases: readonly [string, string][] = [
    ['/a/b/calc.wasm', 'calc'],
    ['calc.WASM', 'calc'],
    ['my  program (2).wasm', 'my-program-2-'],
    ['.wasm', 'guest'],
    ['-x.wasm', 'x'],
    ['\u001b[31m.wasm', '31m'],
    ['größe ß.wasm', 'größe-ß'],
  ]
  for (const [file, name] of cases) {
    test(`${JSON.stringify(file)} gives ${name}`, () => {
      assert.is(defaultGuestName(file), name)
      assert.is(requireGuestName(name), name)
    })
  }
})

suite('requireGuestName', (test) => {
  for (const name of ['', 'a b', 'a/b', '-a', 'a\n', 'x'.repeat(65)]) {
    test(`refuses ${JSON.stringify(name)}`, () => {
      throwsCode('ERR_WASMSH_GUEST_NAME', () => requireGuestName(name))
    })
  }
})

suite('freeGuestName', (test) => {
  test('numbers names that are taken, not those of guests that have ended', () => {
    const guests = new Map([
      ['a', { state: 'running' }],
      ['a-2', { state: 'paused' }],
      ['b', { state: 'ended' }],
    ] as const)
    assert.is(freeGuestName('a', guests), 'a-3')
    assert.is(freeGuestName('b', guests), 'b')
    assert.is(freeGuestName('c', guests), 'c')
  })
})
