/** Code that is made by a profile: polls of hot loops are thinned. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { StablePoints } from '../../../src/core/aot/stable-points.js'
import { findBuilt } from '../../../src/core/built.js'
import { hotLoops } from '../../../src/core/profile/hot-loops.js'
import { type PointVisits, Profile } from '../../../src/core/profile/profile.js'
import type { Guest } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { counter } from '../../support/guests.js'
import { type ShellInFolder, shellInFolder } from '../../support/shell-in-folder.js'
import { suite } from '../../support/suite.js'
import { rejectsCode } from '../../support/throws.js'
import { compileWat } from '../../support/wat.js'

/** Counts Collatz steps of all numbers up to one: nobody knows the rounds of the inner loop, which has
 *  two ways back, and an operand under it, the number. The module has no memory. */
const collatz = await compileWat(`(module
  (func $steps (param $of i64) (result i64) (local $value i64) (local $count i64)
    (local.set $value (local.get $of))
    (local.get $of)
    (block $done
      (loop $next
        (br_if $done (i64.eq (local.get $value) (i64.const 1)))
        (local.set $count (i64.add (local.get $count) (i64.const 1)))
        (if (i32.wrap_i64 (i64.and (local.get $value) (i64.const 1)))
          (then
            (local.set $value
              (i64.add (i64.mul (local.get $value) (i64.const 3)) (i64.const 1)))
            (br $next)))
        (local.set $value (i64.shr_u (local.get $value) (i64.const 1)))
        (br $next)))
    (i64.add (local.get $count)))
  (func (export "go") (param $most i64) (result i64) (local $i i64) (local $sum i64)
    (loop $again
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (local.set $sum (i64.add (local.get $sum) (call $steps (local.get $i))))
      (br_if $again (i64.lt_u (local.get $i) (local.get $most))))
    (local.get $sum)))`)

/** The value after so many steps. */
function after(of: number, steps: number): number {
  let value = of
  for (let left = steps; left > 0; left--) value = value % 2 === 1 ? value * 3 + 1 : value / 2
  return value
}

function sumOfSteps(most: number): bigint {
  let sum = 0
  for (let i = 1; i <= most; i++) {
    for (let value = i; value !== 1; sum++) value = value % 2 === 1 ? value * 3 + 1 : value / 2
  }
  return BigInt(sum + (most * (most + 1)) / 2)
}

const quiet = { stdin: 'null', stdout: 'null', stderr: 'null' } as const

async function profileOf(t: ShellInFolder, module: Uint8Array, most: number): Promise<string> {
  const profile = join(t.home, `profile-${most}`)
  const guest = await t.shell.run(module, {
    ...quiet,
    profile,
    invoke: 'go',
    invokeArgs: [String(most)],
  })
  await guest.wait({ until: 'end' })
  return profile
}

/** Checks the innermost frame of a guest that is paused somewhere; true in the inner loop. */
function requireSound(guest: Guest): boolean {
  const [top] = guest.frames()
  const [of] = guest.operands()
  if (top?.name !== 'steps' || of === undefined) return false
  const [, value, count] = guest.locals().map(({ bits }) => Number(bits))
  assert.is(value, after(Number(of.bits), count ?? 0), `${count} steps from ${of.text}`)
  return true
}

/** Resolves when the guest has moved to compiled code, or has ended. */
function untilCompiled(guest: Guest): Promise<void> {
  return new Promise((resolve) => {
    guest.once('crossed', resolve)
    guest.once('ended', () => resolve())
  })
}

suite('code by a profile', (test) => {
  test('hot loops are those with the most rounds; calls and entries are none', () => {
    const table = new StablePoints(instrument(collatz, { twins: 'none' }).points)
    const rows = [...table.suspendable()].flatMap((index) =>
      (table.of(index)?.points ?? []).map(({ pc, kind }) => ({ function: index, pc, kind })),
    )
    const hotWith = (rounds: readonly number[]): number => {
      const left = [...rounds]
      const points: PointVisits[] = rows.map(({ kind, ...at }) => ({
        ...at,
        visits: kind === 'loop' ? (left.shift() ?? 1) : 1e9,
      }))
      return hotLoops(new Profile('', points), table).length
    }
    assert.is(rows.filter(({ kind }) => kind === 'loop').length, 2)
    assert.is(hotWith([1e6, 1e6]), 2)
    assert.is(hotWith([1e6, 1e3]), 1)
    assert.is(hotWith([999, 999]), 0)
    assert.equal(hotLoops(new Profile('', []), table), [])
  })

  if (!hasCompiler) return test.skip('the compiler thins polls', noCompiler)

  test('the compiler thins the polls of the loops it is told of, and of no others', async () => {
    await using t = await shellInFolder()
    const { bytes, points } = instrument(collatz, { twins: 'open' })
    const [file, hot] = [join(t.home, 'suspendable.wasm'), join(t.home, 'hot.txt')]
    writeFileSync(file, bytes)
    const table = new StablePoints(points)
    const [inner] = table.of(0)?.points.filter(({ kind }) => kind === 'loop') ?? []
    const [outer] = table.of(1)?.points.filter(({ kind }) => kind === 'loop') ?? []
    const program = findBuilt('wasmsh-compiler').find((path) => existsSync(path)) ?? ''
    const thinned = (loops: string): number => {
      writeFileSync(hot, loops)
      const options = ['--progress', `--hot-loops=${hot}`, `--output=${join(t.home, 'out.aot')}`]
      const out = execFileSync(program, [...options, file], { stdio: 'pipe' })
      return Number(/"thinned":(\d+)/.exec(String(out))?.[1])
    }
    assert.is(thinned(''), 0)
    // A loop with a call in it keeps each poll; inlined, the call is one no more.
    assert.is(thinned(`1 ${outer?.number}\n`), 0)
    assert.ok(thinned(`0 ${inner?.number}\n`) > 0)
    assert.throws(() => thinned('0 x'))
  })

  test('stops in the middle of hot loops, in states that the program has', async () => {
    await using t = await shellInFolder()
    const most = 150_000
    const profile = await profileOf(t, collatz, 2000)
    const report = await t.shell.compile(collatz, { profile, twins: 'all' })
    assert.is(report.hotLoops, 2)
    const options = { ...quiet, invoke: 'go', invokeArgs: [String(most)], twins: 'all' } as const

    const guest = await t.shell.run(collatz, { ...options, engine: 'aot' })
    let sound = 0
    for (let stop = 0; stop < 10; stop++) {
      await guest.pause().catch(() => undefined)
      if (guest.state !== 'paused') break
      if (requireSound(guest)) sound++
      if (stop === 3) await guest.snapshot('early')
      const moved = untilCompiled(guest)
      guest.resume()
      await moved
    }
    await guest.wait({ until: 'end' })
    const expected = sumOfSteps(most)
    assert.is(guest.results[0]?.bits, expected)
    assert.ok(sound > 0, 'it was paused in the inner loop')
    for (const engine of ['interp', 'aot'] as const) {
      const again = await t.shell.recover('early', { ...quiet, engine, twins: 'all' })
      await again.wait({ until: 'end' })
      assert.is(again.results[0]?.bits, expected, engine)
    }
  })

  test('is what guests run in, until the module is compiled without one', async () => {
    await using t = await shellInFolder()
    const profile = await profileOf(t, collatz, 2000)
    const few = await profileOf(t, collatz, 2)
    const profiled = await t.shell.compile(collatz, { profile })
    assert.is(profiled.hotLoops, 2)
    // Made once, however often it is asked for; another profile makes other code.
    assert.is((await t.shell.compile(collatz, { profile })).isCached, true)
    const other = await t.shell.compile(collatz, { profile: few })
    assert.equal([other.isCached, other.hotLoops], [false, 0])
    assert.is.not(other.directory, profiled.directory)

    // There is no other code: the guest would have to wait for it.
    const compiles = async (): Promise<boolean> => {
      let isCompiling = false
      const onCompile = (): void => {
        isCompiling = true
      }
      const options = {
        ...quiet,
        invoke: 'go',
        invokeArgs: ['9'],
        engine: 'aot',
        onCompile,
      } as const
      const guest = await t.shell.run(collatz, options)
      await guest.wait({ until: 'end' })
      assert.is(guest.results[0]?.bits, sumOfSteps(9))
      return isCompiling
    }
    assert.is(await compiles(), false)
    const plain = await t.shell.compile(collatz)
    assert.equal([plain.isCached, plain.hotLoops], [false, null])
    assert.equal(readdirSync(join(t.home, 'profiled')), [])
  })

  test('refuses profiles of another module, that are missing, or with a target', async () => {
    await using t = await shellInFolder()
    const profile = await profileOf(t, collatz, 2)
    const other = await compileWat(counter(3))
    await rejectsCode('ERR_WASMSH_PROFILE_MODULE', () => t.shell.compile(other, { profile }))
    await rejectsCode('ERR_WASMSH_PROFILE_FILE', () =>
      t.shell.compile(collatz, { profile: `${profile}.not` }),
    )
    await rejectsCode('ERR_WASMSH_OPTION_INVALID', () =>
      t.shell.compile(collatz, { profile, target: 'aarch64' }),
    )
  })
}, 120_000)
