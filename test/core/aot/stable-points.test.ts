import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { StablePoints } from '../../../src/core/aot/stable-points.js'
import type { WasmshError } from '../../../src/core/errors.js'
import { suite } from '../../support/suite.js'
import { compileWat } from '../../support/wat.js'

const text = `(module
  (import "host" "tick" (func $tick (param i64 v128)))
  (type $step (func (param i32) (result i64)))
  (memory 1 1 shared)
  (table 1 funcref)
  (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func $run (export "run") (param $n i32) (result i64)
    (local $sum i64) (local $dead f64) (local $set i32)
    (f32.const 1)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
      (call $tick (local.get $sum) (v128.const i64x2 1 2))
      (local.set $set (call $leaf (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (drop)
    (i32.const 7)
    (local.set $sum (call_indirect (type $step) (local.get $set) (i32.const 0)))
    (drop)
    (drop (memory.atomic.wait32 offset=8 (i32.const 0) (i32.const 0) (i64.const 0)))
    (local.get $sum)))`

async function pointsOf(wat: string): Promise<StablePoints> {
  return new StablePoints(instrument(await compileWat(wat), { twins: 'none' }).points)
}

suite('StablePoints', (test) => {
  test('names pc, kind, live locals and operands of each point', async () => {
    const points = await pointsOf(text)
    const run = points.of(2)

    assert.equal(
      run?.points.map(({ kind, live, operands }) => ({ kind, live, operands })),
      [
        { kind: 'entry', live: [0, 1], operands: [] },
        { kind: 'loop', live: [0, 1], operands: ['f32'] },
        { kind: 'call', live: [0, 1], operands: ['f32'] },
        { kind: 'call', live: [], operands: ['i32', 'i64'] },
        { kind: 'call', live: [1], operands: ['i32'] },
      ],
    )
    assert.equal(run?.locals, ['i32', 'i64', 'f64', 'i32'])
    assert.equal(run?.results, ['i64'])
    assert.is(run?.params, 1)
    assert.is(run?.points[0]?.pc, 0)
    // f32.const is five bytes, loop two.
    assert.is(run?.points[1]?.pc, 7)
  })

  test('says what a call calls', async () => {
    const points = await pointsOf(text)
    const calls = points.of(2)?.points.flatMap(({ call }) => (call === undefined ? [] : [call]))

    assert.equal(calls, [
      { length: 2, results: 0, callee: { kind: 'function', function: 0 } },
      { length: 3, results: 1, callee: { kind: 'indirect', type: 0 } },
      { length: 4, results: 1, callee: { kind: 'function', function: 3 } },
    ])
    assert.equal(points.hostFrame(0), { kind: 'call', import: 0, params: ['i64', 'v128'] })
    assert.equal(points.hostFrame(3), {
      kind: 'wait',
      width: 32,
      offset: 8,
      params: ['i32', 'i32', 'i64'],
    })
    assert.is(points.hostFrame(2), undefined)
  })

  test('finds points by pc, in front of a call and behind it', async () => {
    const points = await pointsOf(text)
    const behind = points.of(2)?.points[2]?.pc ?? 0

    assert.is(points.at(2, behind)?.number, 2)
    assert.is(points.callAt(2, behind - 2)?.number, 2)
    assert.is(points.at(2, behind - 1), undefined)
    assert.is(points.callAt(2, behind), undefined)
  })

  test('leaves out functions that cannot be suspended', async () => {
    const points = await pointsOf(text)

    assert.equal([...points.suspendable()], [2])
    assert.is(points.of(1), undefined)
    assert.is(points.functions, 3)
    assert.is(points.importedFunctions, 1)
  })

  test('is the same whatever the options', async () => {
    const module = await compileWat(text)
    const tables = [
      instrument(module, { twins: 'none' }),
      instrument(module, { twins: 'all', exportState: true }),
      instrument(module, { twins: [{ function: 2, point: 1 }] }),
    ].map(({ points }) => Buffer.from(points).toString('hex'))

    assert.is(new Set(tables).size, 1)
  })

  test('refuses damaged tables', async () => {
    const { points } = instrument(await compileWat(text), { twins: 'none' })
    let refused = 0
    for (let at = 0; at < points.length; at++) {
      for (const damaged of [points.slice(0, at), points.with(at, (points[at] ?? 0) ^ 0xff)]) {
        try {
          const table = new StablePoints(damaged)
          for (const index of table.suspendable()) table.of(index)
        } catch (error) {
          assert.is((error as WasmshError).code, 'ERR_WASMSH_POINTS_INVALID', String(error))
          refused++
        }
      }
    }
    // Every table that was cut short, and most others.
    assert.ok(refused > points.length, `${refused} of ${2 * points.length}`)
  })
})
