/** Deep recursion in compiled code: paused, stored, moved, and exhausted. */
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { type Guest, openShell } from '../../../src/index.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

const stackBytes = 256 * 1024 * 1024

/** Goes down so many calls, waits at the bottom until global 0 is set, and adds up on its way back:
 *  each frame has values of its own under its call and in a local. */
const descending = `(module (memory (export "memory") 1)
  (global $done (mut i32) (i32.const 0))
  (global $depth (mut i32) (i32.const 0))
  (func $down (param $n i32) (param $seed i64) (result i64) (local $own i64)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (local.set $own (i64.mul (local.get $seed) (i64.const 6364136223846793005)))
    (if (result i64) (i32.eqz (local.get $n))
      (then
        (i32.store (i32.const 0) (i32.const 1))
        (loop $wait (br_if $wait (i32.eqz (global.get $done))))
        (local.get $own))
      (else
        (i64.rotl (local.get $seed) (i64.const 7))
        (call $down (i32.sub (local.get $n) (i32.const 1)) (i64.add (local.get $own) (i64.const 1)))
        (i64.add)
        (i64.xor (local.get $own)))))
  (func (export "run") (param $n i32) (result i64) (call $down (local.get $n) (i64.const 1))))`

/** What it returns. */
function expected(depth: number): string {
  const wrap = (value: bigint): bigint => BigInt.asUintN(64, value)
  const seeds: bigint[] = []
  const owns: bigint[] = []
  for (let n = depth, seed = 1n; n >= 0; n--) {
    const own = wrap(seed * 6364136223846793005n)
    seeds.push(seed)
    owns.push(own)
    seed = wrap(own + 1n)
  }
  let result = owns[depth] ?? 0n
  for (let at = depth - 1; at >= 0; at--) {
    const seed = seeds[at] ?? 0n
    const turned = wrap((seed << 7n) | (seed >> 57n))
    result = wrap(turned + result) ^ (owns[at] ?? 0n)
  }
  return BigInt.asIntN(64, result).toString()
}

const invoked = { invoke: 'run', stackBytes, stdin: 'null', engine: 'aot' } as const

/** Pauses a guest in its innermost call, once it has come there. */
async function pauseAtBottom(guest: Guest, depth: number): Promise<void> {
  while (guest.readMemory(0, 1)[0] === 0) await setImmediate()
  await guest.pause()
  assert.is(guest.info().frameCount, depth + 2)
}

async function finish(guest: Guest): Promise<string | undefined> {
  guest.set('global 0', '1')
  guest.resume()
  assert.equal(await guest.wait(), { kind: 'ended', code: 0 })
  return guest.results[0]?.text
}

/** So many frames are stored in compiled code, recovered in either engine, and carried back. */
export async function crossDeep(depth: number): Promise<void> {
  await using folder = await temporaryDirectory()
  const shell = await openShell({ home: folder.path })
  try {
    const sum = expected(depth)
    const options = { ...invoked, invokeArgs: [String(depth)] }
    const guest = await shell.run(await compileWat(descending), options)
    await pauseAtBottom(guest, depth)
    await guest.snapshot('compiled', { sync: false })
    assert.is(await finish(guest), sum)

    // Into compiled code, which stops at once, and is stored from there.
    const again = await shell.recover('compiled', { engine: 'aot' })
    await pauseAtBottom(again, depth)
    await again.snapshot('twice', { sync: false })
    assert.is(await finish(again), sum)

    const interpreted = await shell.recover('twice', { engine: 'interp', paused: true })
    await interpreted.step(5)
    await interpreted.snapshot('interpreted', { sync: false })
    assert.is(await finish(interpreted), sum)

    const back = await shell.recover('interpreted', { engine: 'aot', paused: true })
    assert.is(await finish(back), sum)
  } finally {
    await shell.close()
  }
}

/** More frames than the interpreter's stack holds are on the native stack: who looks at the guest loses
 *  nothing. */
export async function crossDeeper(depth: number): Promise<void> {
  await using folder = await temporaryDirectory()
  const shell = await openShell({ home: folder.path })
  try {
    const sum = expected(depth)
    const small = { ...invoked, stackBytes: 1024 * 1024 }
    const options = { ...small, invokeArgs: [String(depth)] }
    const guest = await shell.run(await compileWat(descending), options)
    await pauseAtBottom(guest, depth)
    await guest.snapshot('compiled', { sync: false })
    await guest.step(3)
    assert.is(await finish(guest), sum)

    for (const engine of ['interp', 'aot'] as const) {
      const again = await shell.recover('compiled', { engine, paused: true })
      assert.is(await finish(again), sum)
    }
  } finally {
    await shell.close()
  }
}

/** Recursion without an end traps in the engine. */
export async function exhaust(engine: 'interp' | 'aot'): Promise<void> {
  await using folder = await temporaryDirectory()
  const shell = await openShell({ home: folder.path })
  try {
    const options = { ...invoked, engine, invokeArgs: ['1000000000'] }
    const guest = await shell.run(await compileWat(descending), options)
    const outcome = await guest.wait()
    assert.is(outcome.kind === 'trapped' && outcome.trap.reason, 'call stack exhausted')
    // As much as the option says, at least: an interpreted frame takes 100 bytes.
    assert.ok((guest.globals()[1]?.bits ?? 0n) > BigInt(stackBytes / 256))
    await guest.kill()
  } finally {
    await shell.close()
  }
}
