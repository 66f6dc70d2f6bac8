import * as assert from 'uvu/assert'
import { builtFunction, originalFunction } from '../../../src/core/aot/build-description.js'
import { ByteWriter } from '../../../src/core/aot/byte-writer.js'
import { instrument } from '../../../src/core/aot/instrument.js'
import { StablePoints } from '../../../src/core/aot/stable-points.js'
import { loadNative } from '../../../src/core/native.js'
import { textGuest } from '../../support/guest-programs.js'
import { suite } from '../../support/suite.js'
import { SuspendedGuest } from '../../support/suspended-guest.js'
import { buildForV8, requireSurvival } from '../../support/suspension.js'
import { throwsCode } from '../../support/throws.js'
import { v8 } from '../../support/v8.js'
import { compileWat } from '../../support/wat.js'

/** Loops in each other, `depth` of them, each of which goes round twice. */
function nestedLoops(depth: number): string {
  const locals = Array.from({ length: depth }, (_, level) => `(local $i${level} i32)`)
  const open = Array.from(
    { length: depth },
    (_, level) => `(local.set $i${level} (i32.const 2)) (loop $l${level}`,
  )
  const close = Array.from({ length: depth }, (_, index) => {
    const level = depth - 1 - index
    const less = `(local.tee $i${level} (i32.sub (local.get $i${level}) (i32.const 1)))`
    return `(br_if $l${level} ${less}))`
  })
  return `(module (global $turns (mut i32) (i32.const 0))
    (func (export "run") (param i32 i64) (result i32) ${locals.join(' ')}
      ${open.join('\n')}
      (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
      ${close.join('\n')}
      (global.get $turns)))`
}

const silent = { imports: {}, attach: () => {}, outcome: () => '' }
const run = [{ name: 'run', values: [7, 9n] }]

suite('instrument', (test) => {
  test('adds nothing that is run to functions without loops and calls', async () => {
    const body = '(result i32) (i32.add (local.get 0) (local.get 1))'
    const plain = await compileWat(
      `(module (func (export "add") (param i32 i32) ${body}) (func (param i32 i32) ${body}))`,
    )
    const { bytes, points, build } = instrument(plain, { twins: 'all' })

    // Where the host may have a guest stand: it is entered by a twin when a local was changed there.
    const table = new StablePoints(points)
    assert.equal([...table.suspendable()], [0])
    assert.equal(
      table.of(0)?.points.map(({ kind }) => kind),
      ['entry'],
    )
    assert.equal(build.twins, [0])
    // Both bodies: no further locals, and these instructions alone.
    const unchanged = Buffer.from([0x07, 0x00, 0x20, 0, 0x20, 1, 0x6a, 0x0b])
    assert.ok(Buffer.from(bytes).includes(Buffer.concat([unchanged, unchanged])))
  })

  test('gives an empty module back in order', async () => {
    assert.ok(v8.validate(instrument(await compileWat('(module)'), { twins: 'all' }).bytes))
  })

  test('gives the same bytes each time', async () => {
    const module = await textGuest('tables')
    const [first, second] = [1, 2].map(() => instrument(module, { twins: 'all' }).bytes)

    assert.equal(first, second)
  })

  test('makes modules that the engine loads', async () => {
    const engine = loadNative().openEngine(() => {})
    try {
      for (const name of ['blocks', 'tables', 'tail-calls', 'atomics', 'multi-value', 'start']) {
        const { bytes } = instrument(await textGuest(name), { twins: 'all', exportState: true })
        await engine.load(name.padEnd(64, '0'), bytes)
      }
    } finally {
      engine.stop()
    }
  })

  test('copies extended constant expressions and every form of element segment', async () => {
    const { bytes } = instrument(
      await compileWat(`(module
      (import "host" "base" (global $base i32))
      (import "host" "f" (func $f))
      (table 20 funcref)
      (elem (i32.const 1) func $f $g)
      (elem (table 0) (offset (global.get $base)) funcref (ref.func $g) (ref.null func))
      (elem func $g)
      (elem funcref (ref.func $f))
      (elem declare func $g)
      (global $one funcref (ref.func $g))
      (func $g (call $f) (drop (ref.func $g))))`),
      { twins: 'none' },
    )

    assert.ok(v8.validate(bytes))
  })

  test('maps functions there and back', async () => {
    const module = await textGuest('atomics')
    for (const twins of ['none', 'all'] as const) {
      const { build } = instrument(module, { twins })
      for (let index = 0; index < build.functions; index++) {
        assert.is(originalFunction(build, builtFunction(build, index)), index)
      }
      assert.is(originalFunction(build, build.importedFunctions), undefined)
      assert.is(originalFunction(build, build.spillHelpers[0] ?? 0), undefined)
      const stub = (build.spillHelpers[0] ?? 0) - build.waits
      assert.is(originalFunction(build, stub), build.functions)
    }
  })

  test('makes twins of the frames that it is given only', async () => {
    const module = await textGuest('calls')
    const all = instrument(module, { twins: 'all' })
    const one = instrument(module, { twins: [{ function: 1, point: 1 }] })

    assert.ok(all.build.twins.length > 3)
    assert.equal(one.build.twins, [1])
    assert.ok(one.bytes.length < all.bytes.length)
  })

  test('refuses names that are its own', async () => {
    const modules = [
      '(module (func (export "wasmsh:poll")))',
      '(module (import "wasmsh:suspend" "frame" (func (param i32 i32))))',
    ]
    for (const text of modules) {
      const module = await compileWat(text)
      throwsCode('ERR_WASMSH_MODULE_RESERVED_NAME', () => instrument(module, { twins: 'none' }))
    }
  })

  test('never reads outside of a module that was cut short', async () => {
    const module = await textGuest('tables')
    for (let length = 8; length < module.length; length++) {
      try {
        instrument(module.subarray(0, length), { twins: 'all' })
      } catch (error) {
        assert.match(String((error as { code?: string }).code), /^ERR_WASMSH_MODULE_/)
      }
    }
  })

  test('enters loops however deep they are nested', async () => {
    const program = { bytes: await compileWat(nestedLoops(8)), calls: run, host: () => silent }

    assert.ok(requireSurvival('nested loops', program) > 4 * 200)
  })

  test('grows with the module, not with how deep its loops are nested', async () => {
    const [small, large] = await Promise.all(
      [30, 60].map(async (depth) => {
        const module = await compileWat(nestedLoops(depth))
        return instrument(module, { twins: 'all' }).bytes.length / module.length
      }),
    )

    // Every live counter is spilled at every loop: that much grows with the depth.
    assert.ok((large ?? 0) < 2.5 * (small ?? 0), `${small} and ${large} times the module`)
  })

  test('survives ten thousand blocks in each other', async () => {
    const depth = 10_000
    const body = [0x10, 0, ...nested(depth), 0x10, 0, ...Array<number>(depth).fill(0x0b), 0x0b]
    const built = buildForV8(moduleOf([0, ...body]))

    assert.ok(built.bytes.length > depth)
  })

  test('begins a wait again that was broken off', async () => {
    const built = buildForV8(
      await compileWat(`(module
        (memory 1 1 shared)
        (func (export "run") (param i32) (result i32)
          (memory.atomic.wait32 offset=12 (local.get 0) (i32.const 0) (i64.const 1000))))`),
    )
    const module = new v8.Module(built.bytes)
    const guest = new SuspendedGuest(built, module, {})
    guest.undo()

    const turn = guest.call('run', [4])
    const frames = turn.kind === 'suspended' ? turn.frames : []
    assert.equal(frames, [
      { function: 1, point: 0, values: [4n, 0n, 1000n] },
      { function: 0, point: 1, values: [0n] },
    ])
    const other = new SuspendedGuest(built, module, {})
    // Timed out.
    assert.equal(other.resume(frames), { kind: 'returned', values: [2] })
  })

  test('stops tail calls that never end', async () => {
    const text = `(module
      (type $turn (func (param i32) (result i32)))
      (table funcref (elem $spin $turn))
      (func $spin (param i32) (result i32)
        (return_call $spin (i32.add (local.get 0) (i32.const 1))))
      (func $turn (export "turn") (type $turn)
        (return_call_indirect (type $turn) (i32.add (local.get 0) (i32.const 1)) (i32.const 1)))
      (func (export "spin") (result i32) (call $spin (i32.const 0))))`
    const built = buildForV8(await compileWat(text))
    const module = new v8.Module(built.bytes)
    for (const [name, values] of [
      ['spin', []],
      ['turn', [0]],
    ] as const) {
      let guest = new SuspendedGuest(built, module, {})
      guest.request = true
      let turn = guest.call(name, values)
      for (let stop = 0n; stop < 5n; stop++) {
        const frames = turn.kind === 'suspended' ? turn.frames : []
        assert.equal(frames[0]?.values, [stop], name)
        guest = new SuspendedGuest(built, module, {})
        guest.request = true
        turn = guest.resume(frames)
      }
    }
  })

  test('rebuilds a stack of thousands of frames', async () => {
    const depth = 3000
    const built = buildForV8(
      await compileWat(`(module
        (import "host" "bottom" (func $bottom (result i32)))
        (func $down (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
            (else (call $bottom))))
        (func (export "run") (param i32) (result i32) (call $down (local.get 0))))`),
    )
    const module = new v8.Module(built.bytes)
    const makeGuest = (): SuspendedGuest => new SuspendedGuest(built, module, { host: { bottom } })
    const bottom = (): number => {
      guest.request = true
      return 5
    }
    let guest = makeGuest()

    const turn = guest.call('run', [depth])
    assert.is(turn.kind, 'suspended')
    const frames = turn.kind === 'suspended' ? turn.frames : []
    assert.is(frames.length, depth + 2)
    guest = makeGuest()
    assert.equal(guest.resume(frames), { kind: 'returned', values: [depth + 5] })
  })
}, 60_000)

/** Beginnings of blocks in each other. */
function nested(depth: number): number[] {
  return Array.from({ length: depth }, () => [0x02, 0x40]).flat()
}

/** A module whose only function has that body, local declarations first. */
function moduleOf(body: readonly number[]): Uint8Array {
  const out = new ByteWriter()
  const section = (id: number, ...bytes: readonly number[]): void => {
    const contents = new ByteWriter()
    contents.copy(Uint8Array.from(bytes))
    out.section(id, contents)
  }
  out.put(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
  section(1, 1, 0x60, 0, 0)
  section(3, 1, 0)
  const code = new ByteWriter()
  code.u32(1)
  code.vector(Uint8Array.from(body))
  out.section(10, code)
  return out.view().slice()
}
