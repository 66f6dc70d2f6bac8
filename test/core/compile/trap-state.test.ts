/** A trap finds compiled code in the state in which it finds the interpreter: memory, globals, tables,
 *  output and the reason. */
import * as assert from 'uvu/assert'
import { type Guest, openShell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

/** What each export does behind the work that all do; $i is 12 by then, and no compiler knows. */
const endings: Readonly<Record<string, string>> = {
  unreachable: '(global.set $n (i32.const 5)) (unreachable)',
  'store outside': `(i32.store (i32.const 64) (i32.const 77))
    (i64.store offset=65528 (local.get $i) (i64.const -1))`,
  // Its value has to be of use: LLVM drops a load that is of none, and the trap with it.
  'load outside': '(i32.store (i32.const 64) (i32.load offset=0xffffffff (local.get $i)))',
  division: `(global.set $n (i32.const 9))
    (i32.store (i32.const 64) (i32.div_u (i32.const 1) (i32.sub (local.get $i) (i32.const 12))))`,
  overflow: `(i64.store (i32.const 64)
    (i64.div_s (i64.const 0x8000000000000000) (i64.extend_i32_s (i32.sub (local.get $i) (i32.const 13)))))`,
  conversion: `(i32.store (i32.const 64)
    (i32.trunc_f64_u (f64.mul (f64.convert_i32_u (local.get $i)) (f64.const 1e9))))`,
  'null reference': '(call_indirect (type $nothing) (i32.sub (local.get $i) (i32.const 9)))',
  'other type': '(drop (call_indirect (type $number) (i32.sub (local.get $i) (i32.const 12))))',
  'no element': '(call_indirect (type $nothing) (local.get $i))',
  'fill outside': '(memory.fill (i32.const 65530) (i32.const 1) (local.get $i))',
  'copy outside': '(memory.copy (i32.const 0) (i32.const 65530) (local.get $i))',
  'init outside': '(memory.init $text (i32.const 100) (i32.const 0) (local.get $i))',
  'dropped segment': `(data.drop $text) (memory.init $text (i32.const 100) (i32.const 0)
    (i32.sub (local.get $i) (i32.const 11)))`,
  'table get': '(drop (table.get $t (local.get $i)))',
  'table set': '(table.set $t (local.get $i) (ref.func $bump))',
  'table fill': '(table.fill $t (i32.const 1) (ref.func $bump) (local.get $i))',
  'table copy': '(table.copy $t $t (i32.const 1) (i32.const 0) (local.get $i))',
  'table init': '(table.init $t $more (i32.const 2) (i32.const 0) (local.get $i))',
  'deep in calls': '(call $sink (local.get $i))',
  'grown memory': `(drop (memory.grow (i32.const 2)))
    (i32.store offset=131072 (local.get $i) (i32.const 6))
    (i32.store offset=196608 (local.get $i) (i32.const 6))`,
}

const program = `(module
  (type $nothing (func))
  (type $number (func (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4)
  (data (i32.const 0) "\\10\\00\\00\\00\\02\\00\\00\\00")
  (data $text "text")
  (table $t 4 8 funcref)
  (elem (table $t) (i32.const 0) func $bump)
  (elem $more func $bump $bump)
  (global $n (mut i32) (i32.const 0))
  (global $m (mut i64) (i64.const 1))
  (global $f (mut f32) (f32.const 0.5))
  (func $bump (type $nothing) (global.set $m (i64.mul (global.get $m) (i64.const 3))))
  (func $sink (param $i i32)
    (i32.store8 offset=300 (local.get $i) (local.get $i))
    (if (i32.eqz (local.get $i)) (then (unreachable)))
    (call $sink (i32.sub (local.get $i) (i32.const 1)))
    (i32.store8 offset=400 (local.get $i) (local.get $i)))
  ;; Twelve rounds of writing, calling and counting.
  (func $work (result i32) (local $i i32)
    (loop $again
      (i32.store8 (i32.const 16) (i32.add (local.get $i) (i32.const 97)))
      (i32.store8 (i32.const 17) (i32.const 10))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call_indirect (type $nothing) (i32.const 0))
      (global.set $f (f32.mul (global.get $f) (f32.const 1.5)))
      (i64.store offset=200 (i32.shl (local.get $i) (i32.const 3)) (global.get $m))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 12))))
    (table.set $t (i32.const 2) (ref.func $bump))
    (local.get $i))
  ${Object.entries(endings)
    .map(
      ([name, text]) => `(func (export "${name}") (local $i i32)
      (local.set $i (call $work)) ${text} (global.set $n (i32.const 1000)))`,
    )
    .join('\n  ')})`

interface Found {
  readonly reason: string | undefined
  readonly memory: string
  readonly globals: readonly string[]
  readonly elements: readonly (number | null)[]
  readonly stdout: string
}

async function stateAtTrap(name: string, guest: Guest): Promise<Found> {
  const chunks: Buffer[] = []
  guest.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  assert.is((await guest.wait()).kind, 'trapped', name)
  const found = {
    reason: guest.trap?.reason,
    memory: Buffer.from(guest.readMemory(0, guest.info().memoryBytes)).toString('hex'),
    globals: guest.globals().map(({ text }) => text),
    elements: guest.tableElements().map(({ function: index }) => index),
    stdout: Buffer.concat(chunks).toString('latin1'),
  }
  await guest.kill()
  return found
}

suite('the state at a trap', (test) => {
  if (!hasCompiler) return test.skip('is that of the interpreter', noCompiler)

  test('is that of the interpreter', async () => {
    const bytes = await compileWat(program)
    await using folder = await temporaryDirectory()
    const shell = await openShell({ home: folder.path })
    const options = { stdin: 'null', deterministic: true } as const
    const wrong: string[] = []
    try {
      for (const invoke of Object.keys(endings)) {
        const expected = await stateAtTrap(invoke, await shell.run(bytes, { ...options, invoke }))
        const found = await stateAtTrap(
          `${invoke} in compiled code`,
          await shell.run(bytes, { ...options, invoke, engine: 'aot' }),
        )
        assert.type(expected.reason, 'string', invoke)
        assert.is(expected.stdout.length, 24)
        for (const key of ['reason', 'memory', 'globals', 'elements', 'stdout'] as const) {
          const [a, b] = [JSON.stringify(expected[key]), JSON.stringify(found[key])]
          if (a !== b) wrong.push(`${invoke}: ${key} ${a.slice(0, 300)} / ${b.slice(0, 300)}`)
        }
      }
    } finally {
      await shell.close()
    }
    assert.equal(wrong, [])
  })
}, 120_000)
