/** Values of every type, more than a CPU has registers for: where compiled code keeps them must not
 *  matter to whoever looks at them, and they go on as they were. */
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { LocalInfo } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { compileWat } from '../../support/wat.js'

const depth = 5

interface Kind {
  /** What a local holds when `$n` rounds, or calls, are left behind. */
  readonly code: (index: number) => string
  readonly bits: (index: number, n: bigint) => bigint
  readonly constant: (index: number) => string
  readonly constantBits: (index: number) => bigint
}

const float32 = (value: number): bigint => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return BigInt(view.getUint32(0))
}
const float64 = (value: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}
const wide = '(i64.extend_i32_u (local.get $n))'
const factor = (index: number): bigint => 0x1234567890abn * BigInt(index + 1)

const numbers: Readonly<Record<string, Kind>> = {
  i32: {
    code: (k) => `(i32.xor (i32.mul (local.get $n) (i32.const ${k + 3})) (i32.const ${-k}))`,
    bits: (k, n) => BigInt.asUintN(32, (n * BigInt(k + 3)) ^ BigInt(-k)),
    constant: (k) => `(i32.const ${-k * 1000})`,
    constantBits: (k) => BigInt.asUintN(32, BigInt(-k * 1000)),
  },
  i64: {
    code: (k) => `(i64.mul ${wide} (i64.const ${factor(k)}))`,
    bits: (k, n) => BigInt.asUintN(64, n * factor(k)),
    constant: (k) => `(i64.const ${k % 2 === 0 ? k * 100 : -factor(k)})`,
    constantBits: (k) => BigInt.asUintN(64, k % 2 === 0 ? BigInt(k * 100) : -factor(k)),
  },
  f32: {
    code: (k) => `(f32.add (f32.const ${k / 4})
      (f32.convert_i32_u (i32.and (local.get $n) (i32.const 1023))))`,
    bits: (k, n) => float32(k / 4 + Number(n & 1023n)),
    constant: (k) => `(f32.const ${(k + 1) * -1.5})`,
    constantBits: (k) => float32((k + 1) * -1.5),
  },
  f64: {
    code: (k) => `(f64.mul (f64.const ${(k + 1) / -8}) (f64.convert_i32_u (local.get $n)))`,
    bits: (k, n) => float64(((k + 1) / -8) * Number(n)),
    constant: (k) => `(f64.const ${k / 3})`,
    constantBits: (k) => float64(k / 3),
  },
}

const vectors: Kind = {
  code: (k) => `(i64x2.mul (i64x2.splat ${wide}) (v128.const i64x2 ${k + 1} ${factor(k)}))`,
  bits: (k, n) => (BigInt.asUintN(64, n * factor(k)) << 64n) | (n * BigInt(k + 1)),
  constant: (k) => `(v128.const i64x2 ${k} -1)`,
  constantBits: (k) => (0xffff_ffff_ffff_ffffn << 64n) | BigInt(k),
}

/** Locals 0 is `$n`; then come, for each type, so many that change with it, and as many constants. */
function program(kinds: Readonly<Record<string, Kind>>, each: number): string {
  const all = Object.entries(kinds)
  const indices = Array.from({ length: each }, (_, index) => index)
  const forEach = (text: (type: string, kind: Kind, index: number) => string): string =>
    all.flatMap(([type, kind]) => indices.map((index) => text(type, kind, index))).join('\n')
  const locals = forEach(
    (type, _, k) => `(local $${type}${k} ${type}) (local $${type}c${k} ${type})`,
  )
  const constants = forEach((type, kind, k) => `(local.set $${type}c${k} ${kind.constant(k)})`)
  const values = forEach((type, kind, k) => `(local.set $${type}${k} ${kind.code(k)})`)
  // Each of them is read again: none is dropped.
  const uses = forEach(
    (type, _, k) => `
    (${type}.store (i32.const 16) (local.get $${type}${k}))
    (${type}.store (i32.const 16) (local.get $${type}c${k}))`,
  )
  return `(module (memory (export "memory") 1)
    (global $done (mut i32) (i32.const 0))
    (func $spin (param $n i32) ${locals}
      ${constants}
      ${values}
      (loop $again
        (if (global.get $done) (then ${uses} (return)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        ${values}
        (i32.store (i32.const 0) (local.get $n))
        (br $again)))
    (func $descend (param $n i32) ${locals}
      ${constants}
      ${values}
      (if (local.get $n)
        (then (call $descend (i32.sub (local.get $n) (i32.const 1))))
        (else (call $spin (i32.load (i32.const 8)))))
      ${uses}
      (i32.store (i32.const 16) (local.get $n))
      (i32.store (i32.const 4) (i32.add (i32.const 1) (i32.load (i32.const 4)))))
    (func (export "_start")
      (call $descend (i32.const ${depth}))
      (if (i32.ne (i32.load (i32.const 4)) (i32.const ${depth + 1})) (then unreachable))))`
}

/** They depend on nothing but the first. */
function requireValues(
  locals: readonly LocalInfo[],
  kinds: Readonly<Record<string, Kind>>,
  each: number,
): void {
  const [n, ...others] = locals.map(({ bits }) => bits)
  const expected = Object.values(kinds).flatMap(({ bits, constantBits }) =>
    Array.from({ length: each }, (_, index) => [bits(index, n ?? 0n), constantBits(index)]).flat(),
  )
  assert.equal(others, expected)
}

suite('values that compiled code hands over', (test) => {
  if (!hasCompiler) return test.skip('are those of the program', noCompiler)

  for (const [what, kinds, each] of [
    ['numbers', numbers, 9],
    ['numbers and vectors', { ...numbers, v128: vectors }, 9],
    ['more vectors than registers', { v128: vectors }, 40],
  ] as const) {
    test(`are those of the program: ${what}`, async () => {
      await using b = await shellInFolder()
      const bytes = await compileWat(program(kinds, each))
      const guest = await b.shell.run(bytes, { stdin: 'null', engine: 'aot', waitForCode: true })
      const rounds = (): number => Buffer.from(guest.readMemory(0, 4)).readUInt32LE()
      for (let pause = 0, before = 0; pause < 3; pause++) {
        while (rounds() === before) await setImmediate()
        await guest.pause()
        before = rounds()
        assert.is(guest.frames().length, depth + 3)
        for (let frame = 0; frame < depth + 2; frame++)
          requireValues(guest.locals(frame), kinds, each)
        if (pause === 2) guest.set('global 0', '1')
        guest.resume()
      }
      assert.equal(await guest.wait({ until: 'end' }), { kind: 'ended', code: 0 })
    })
  }
}, 120_000)
