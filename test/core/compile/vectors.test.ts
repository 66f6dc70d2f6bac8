/** Guests with SIMD: only compiled code runs them, and it does everything with them all the same. */
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { Guest, Shell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { textGuest } from '../../support/guest-programs.js'
import { shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { rejectsCode, throwsCode } from '../../support/throws.js'
import { outputOfV8 } from '../../support/v8-output.js'
import { compileWat } from '../../support/wat.js'

const compiled = { stdin: 'null', deterministic: true, engine: 'aot' } as const
const vectors = await textGuest('vectors')

/** Lets a guest go on to its end; gives all that it wrote. */
async function output(guest: Guest): Promise<Buffer> {
  const chunks: Buffer[] = []
  guest.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const outcome = await guest.wait({ until: 'end' })
  assert.equal(outcome, { kind: 'ended', code: 0 })
  return Buffer.concat(chunks)
}

/** Its one loop goes round until somebody sets global 1, with a vector in a local and one below. */
const waiting = `(module (memory (export "memory") 1)
  (global $sum (mut v128) (v128.const i32x4 9 8 7 6))
  (global $done (mut i32) (i32.const 0))
  (global $none (mut funcref) (ref.null func))
  (func $start (export "_start") (local $v v128) (local $dropped i64)
    (local.set $v (v128.const i32x4 1 2 3 4))
    (v128.const i64x2 -1 5)
    (i32.store (i32.const 0) (i32.const 1))
    (loop $again
      (local.set $v (i32x4.max_s (local.get $v) (i32x4.splat (i32.const 1))))
      (br_if $again (i32.eqz (global.get $done))))
    (i32x4.add (local.get $v))
    (if (i32.ne (i32x4.extract_lane 0 (i32x4.add (global.get $sum))) (i32.const 45))
      (then unreachable))))`

/** A guest of it in its loop. */
async function inLoop(shell: Shell): Promise<Guest> {
  const guest = await shell.run(await compileWat(waiting), compiled)
  while (guest.readMemory(0, 1)[0] === 0) await setImmediate()
  await guest.pause()
  return guest
}

suite('a module with SIMD', (test) => {
  test('says what engine it needs', async () => {
    await using b = await shellInFolder()
    for (const options of [{}, { engine: 'interp' }] as const) {
      const { hint } = await rejectsCode('ERR_WASMSH_NEEDS_COMPILED_CODE', () =>
        b.shell.run(vectors, options),
      )
      assert.match(hint, /--engine aot/)
    }
    for (const options of [{ pauseAt: 10n }, { counting: true }]) {
      await rejectsCode('ERR_WASMSH_NEEDS_INTERPRETER', () =>
        b.shell.run(vectors, { ...options, engine: 'aot' }),
      )
    }
  })

  test('is validated as any other, function by function', async () => {
    await using b = await shellInFolder()
    const bytes = Buffer.from(await compileWat(waiting))
    // The last i32.const becomes an f32.const of other length: the type no longer fits.
    const at = bytes.lastIndexOf(Buffer.from([0x41, 45]))
    bytes[at] = 0x42
    await rejectsCode('ERR_WASMSH_MODULE_INVALID', () => b.shell.run(bytes, compiled))
  })

  if (!hasCompiler) return test.skip('runs in compiled code', noCompiler)

  test('runs in compiled code, with "auto" too', async () => {
    await using b = await shellInFolder()
    const [expected] = outputOfV8(vectors)
    for (const engine of ['aot', 'auto'] as const) {
      const guest = await b.shell.run(vectors, { ...compiled, engine })
      assert.equal(await output(guest), Buffer.from(expected))
      assert.is(guest.info().engine, 'aot')
    }
  })

  test('shows vectors and takes edits of them', async () => {
    await using b = await shellInFolder()
    const guest = await inLoop(b.shell)
    assert.equal(
      guest.frames().map(({ name, localCount, operandCount }) => [name, localCount, operandCount]),
      [['start', 2, 1]],
    )
    assert.equal(
      guest.locals().map(({ type, text, isAvailable }) => [type, text, isAvailable]),
      [
        ['v128', '0x00000004000000030000000200000001', true],
        ['i64', '0', false],
      ],
    )
    assert.is(guest.operands()[0]?.text, '0x0000000000000005ffffffffffffffff')
    assert.is(guest.globals()[0]?.text, '0x00000006000000070000000800000009')
    assert.is(guest.globals()[2]?.text, 'null')

    guest.set('local 0', 'i32x4 7 2 3 4')
    guest.set('stack 0', 'i32x4 -2 0 0 0')
    guest.set('global 0', 'i64x2 40 0xffffffffffffffff')
    assert.is(guest.locals()[0]?.text, '0x00000004000000030000000200000007')
    assert.is(guest.globals()[0]?.text, '0xffffffffffffffff0000000000000028')
    throwsCode('ERR_WASMSH_EDIT_VALUE', () => guest.set('local 0', 'i32x4 1 2 3'))
    throwsCode('ERR_WASMSH_EDIT_RANGE', () => guest.set('local 1', '1'))
    guest.set('global 1', '1')
    guest.resume()
    // 7 - 2 + 40: the program traps at any other sum.
    assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
  })

  test('counts no instructions, and goes on at stable points only', async () => {
    await using b = await shellInFolder()
    const guest = await inLoop(b.shell)
    const [{ pc } = { pc: 0 }] = guest.frames()
    await rejectsCode('ERR_WASMSH_NEEDS_INTERPRETER', () => guest.step())
    throwsCode('ERR_WASMSH_NEEDS_INTERPRETER', () => guest.resume({ pauseAt: 100n }))
    assert.is(guest.info().position, null)
    throwsCode('ERR_WASMSH_PC_INVALID', () => guest.set('pc', pc + 18 + 2))
    guest.set('pc', pc)
    assert.is(guest.state, 'paused')
    await guest.kill()
  })

  test('stands before its first instruction, and is stored there', async () => {
    await using b = await shellInFolder()
    const guest = await b.shell.run(vectors, { ...compiled, paused: true })
    assert.equal(
      guest.frames().map(({ function: index, pc }) => [index, pc]),
      [[5 + 1, 0]],
    )
    await guest.snapshot('first')
    await guest.kill()
    const [expected] = outputOfV8(vectors)
    assert.equal(await output(await b.shell.recover('first')), Buffer.from(expected))
  })

  test('has snapshots that say what they need', async () => {
    await using b = await shellInFolder()
    const guest = await inLoop(b.shell)
    const { manifest } = await guest.snapshot('here')
    assert.is(manifest.engine, 'aot')
    assert.equal(manifest.needs, { engine: 'aot' })
    await guest.kill()

    await rejectsCode('ERR_WASMSH_NEEDS_COMPILED_CODE', () =>
      b.shell.recover('here', { engine: 'interp' }),
    )
    for (const options of [{}, { engine: 'auto' }, { engine: 'aot' }] as const) {
      const again = await b.shell.recover('here', { ...options, paused: true })
      assert.is(again.locals()[0]?.text, '0x00000004000000030000000200000001')
      again.set('local 0', 'i32x4 37 0 0 0')
      again.set('global 1', '1')
      again.resume()
      assert.equal(await again.wait(), { kind: 'ended', code: 0 })
    }
  })
}, 60_000)
