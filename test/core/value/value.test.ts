import * as assert from 'uvu/assert'
import { formatValue, parseValue } from '../../../src/core/value/value.js'
import type { ValueType } from '../../../src/core/wasm-view.js'
import { suite } from '../../support/suite.js'
import { throwsCode } from '../../support/throws.js'

/** xorshift64*, so that a failure can be repeated. */
function* random64(seed: bigint): Generator<bigint> {
  let state = seed
  for (;;) {
    state ^= state >> 12n
    state = BigInt.asUintN(64, state ^ (state << 25n))
    state ^= state >> 27n
    yield BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn)
  }
}

suite('formatValue', (test) => {
  const cases: readonly [ValueType, bigint, string][] = [
    ['i32', 0xffffffffn, '-1'],
    ['i32', 0x80000000n, '-2147483648'],
    ['i64', 0x7fffffffffffffffn, '9223372036854775807'],
    ['i64', 0xffffffffffffffffn, '-1'],
    ['f32', 0x3dcccccdn, '0.1'],
    ['f32', 0x80000000n, '-0'],
    ['f32', 0x7f7fffffn, '3.4028235e+38'],
    ['f32', 0x00000001n, '1e-45'],
    ['f32', 0x7fc00000n, 'nan'],
    ['f32', 0xffc00001n, '-nan:0x400001'],
    ['f32', 0x7f800001n, 'nan:0x1'],
    ['f32', 0xff800000n, '-inf'],
    ['f64', 0x3fb999999999999an, '0.1'],
    ['f64', 0x8000000000000000n, '-0'],
    ['f64', 0x7ff0000000000000n, 'inf'],
    ['f64', 0x7ff8000000000000n, 'nan'],
    ['f64', 0xfff8000000000001n, '-nan:0x8000000000001'],
    ['f64', 0x0000000000000001n, '5e-324'],
    ['v128', 0x1n, '0x00000000000000000000000000000001'],
    ['funcref', 7n, '7'],
    ['funcref', -1n, 'null'],
    ['externref', -1n, 'null'],
  ]
  for (const [type, bits, text] of cases) {
    test(`${type} ${bits.toString(16)} is ${text}`, () => {
      assert.is(formatValue(type, bits), text)
      assert.is(parseValue(type, text), bits)
    })
  }

  for (const [type, width] of [
    ['i32', 32],
    ['i64', 64],
    ['f32', 32],
    ['f64', 64],
  ] as const) {
    test(`any ${type} parses back to the same bits`, () => {
      const numbers = random64(0x9e3779b97f4a7c15n)
      for (let round = 0; round < 20_000; round++) {
        const bits = BigInt.asUintN(width, numbers.next().value)
        assert.is(parseValue(type, formatValue(type, bits)), bits, bits.toString(16))
      }
    })
  }
})

suite('parseValue', (test) => {
  const good: readonly [ValueType, string, bigint][] = [
    ['i32', '4294967295', 0xffffffffn],
    ['i32', ' 0xFF ', 255n],
    ['i32', '-0x1', 0xffffffffn],
    ['i32', '1_000', 1000n],
    ['i64', '-9223372036854775808', 0x8000000000000000n],
    ['f32', '16777217', 0x4b800000n],
    ['f64', '0x1.8p1', 0x4008000000000000n],
    ['f64', '+inf', 0x7ff0000000000000n],
    ['f64', '.5', 0x3fe0000000000000n],
    ['v128', '0xff', 255n],
    ['v128', 'i8x16 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 -1', (255n << 120n) | 1n],
    ['v128', 'i16x8 0xffff 2 0 0 0 0 0 0', 0x2ffffn],
    ['v128', 'i32x4 1, 2, 3, -4', 0xfffffffc_00000003_00000002_00000001n],
    ['v128', 'i64x2 1 18446744073709551615', (0xffff_ffff_ffff_ffffn << 64n) | 1n],
    ['v128', 'f32x4 1 0 0 nan:0x200000', (0x7fa0_0000n << 96n) | 0x3f80_0000n],
    ['v128', 'f64x2 -0 inf', (0x7ff0_0000_0000_0000n << 64n) | 0x8000_0000_0000_0000n],
    ['funcref', '#3', 3n],
  ]
  for (const [type, text, bits] of good) {
    test(`takes "${text}" as ${type}`, () => {
      assert.is(parseValue(type, text), bits)
    })
  }

  const bad: readonly [ValueType, string][] = [
    ['i32', ''],
    ['i32', '4294967296'],
    ['i32', '-2147483649'],
    ['i32', '1.5'],
    ['i32', '0x'],
    ['i32', '1__0'],
    ['i64', '18446744073709551616'],
    ['i64', '9'.repeat(100_000)],
    ['f32', 'one'],
    ['f32', 'nan:0x0'],
    ['f32', 'nan:0x800000'],
    ['f64', 'nan:0x10000000000000'],
    ['f64', '1e'],
    ['f64', ''],
    ['v128', '12'],
    ['v128', 'i32x4 1 2 3'],
    ['v128', 'i32x4 1 2 3 4 5'],
    ['v128', 'i8x16 256 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'],
    ['v128', 'i32x4 1 2 3 0.5'],
    ['v128', 'f32x3 1 2 3'],
    ['v128', 'toString 1 2'],
    ['funcref', '-1'],
    ['externref', '1'],
  ]
  for (const [type, text] of bad) {
    test(`refuses "${text.slice(0, 20)}" as ${type}`, () => {
      const error = throwsCode('ERR_WASMSH_EDIT_VALUE', () => parseValue(type, text))
      assert.ok(error.message.length < 200)
    })
  }
})
