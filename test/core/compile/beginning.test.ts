/** Guests that stand before their first instruction: what is changed there counts, whatever runs
 *  them. */
import * as assert from 'uvu/assert'
import type { Guest, RunOptions, Shell } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { openWithCode } from '../../support/shell-with-code.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

/** Two functions that give a sum of whatever a guest has: one goes round a loop and calls through a
 *  table, the other does nothing that takes long, and has no way of being suspended. Each place counts
 *  for another decimal digit. With `vectors` there are some, and only compiled code can run it. */
const sums = (vectors: boolean): string => `(module
  (type $number (func (result i32)))
  (memory (export "memory") 1)
  (table $table 1 funcref) (elem (i32.const 0) $one)
  (global $global (mut i32) (i32.const 1))
  (global $fixed i32 (i32.const 1))
  ${vectors ? '(global $vector (mut v128) (v128.const i32x4 1 0 0 0))' : '(global $vector (mut i32) (i32.const 1))'}
  (data (i32.const 8) "\\01")
  (func $one (type $number) (i32.const 1))
  (func $five (type $number) (i32.const 5))
  (func $straight (export "straight") (param $p i32) (result i32)
    (local $n i32) (local $v ${vectors ? 'v128' : 'i32'}) (local $f funcref)
    (local.get $p)
    (i32.add (i32.mul (i32.const 10) (local.get $n)))
    (i32.add (i32.mul (i32.const 100) ${lane(vectors, 'local.get $v')}))
    (i32.add (i32.mul (i32.const 1000) (global.get $global)))
    (i32.add (i32.mul (i32.const 10000) (global.get $fixed)))
    (i32.add (i32.mul (i32.const 100000) ${lane(vectors, 'global.get $vector')}))
    (i32.add (i32.mul (i32.const 1000000) (i32.load8_u (i32.const 8))))
    (i32.add (i32.mul (i32.const 10000000) (ref.is_null (local.get $f)))))
  (func (export "looping") (param $p i32) (result i32)
    (local $n i32) (local $v ${vectors ? 'v128' : 'i32'}) (local $left i32)
    (local.set $left (i32.const 3))
    (loop $again
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $straight (local.get $p))
    (i32.add (i32.mul (i32.const 10) (local.get $n)))
    (i32.add (i32.mul (i32.const 100) ${lane(vectors, 'local.get $v')}))
    (i32.add (i32.mul (i32.const 100000000) (call_indirect (type $number) (i32.const 0))))))`

const lane = (vectors: boolean, get: string): string =>
  vectors ? `(i32x4.extract_lane 0 (${get}))` : `(${get})`

const programs = { vectors: await compileWat(sums(true)), none: await compileWat(sums(false)) }
const beginning = { stdin: 'null', engine: 'aot', paused: true } as const satisfies RunOptions

interface Begun extends AsyncDisposable {
  readonly shell: Shell
  begin(vectors: boolean, invoke: string): Promise<Guest>
}

async function begun(): Promise<Begun> {
  const folder = await temporaryDirectory()
  const shell = await openWithCode(folder.path)
  return {
    shell,
    begin: (vectors, invoke) =>
      shell.run(vectors ? programs.vectors : programs.none, {
        ...beginning,
        invoke,
        invokeArgs: ['1'],
      }),
    [Symbol.asyncDispose]: async () => {
      await shell.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function result(guest: Guest): Promise<string | undefined> {
  guest.resume()
  assert.is((await guest.wait()).kind, 'ended')
  return guest.results[0]?.text
}

/** A place, what is put there (into the first lane of a vector), and by how much that changes a sum. */
const edits = [
  ['local 0', 3, 2],
  ['local 1', 3, 30],
  ['local 2', 3, 300],
  ['global 0', 4, 3000],
  ['global 1', 4, 30_000],
  ['global 2', 4, 300_000],
  ['u8[8]', 4, 3_000_000],
] as const

suite('a guest before its first instruction', (test) => {
  if (!hasCompiler) return test.skip('runs in compiled code', noCompiler)

  for (const [invoke, plain] of [
    ['straight', 11_111_001],
    ['looping', 111_111_001],
  ] as const) {
    for (const vectors of [true, false]) {
      const what = vectors ? 'with vectors' : 'without vectors'
      test(`of a ${invoke} function ${what} takes every edit`, async () => {
        await using b = await begun()
        assert.is(await result(await b.begin(vectors, invoke)), `${plain}`)
        for (const [place, value, difference] of edits) {
          const guest = await b.begin(vectors, invoke)
          const isVector = vectors && (place === 'local 2' || place === 'global 2')
          guest.set(place, isVector ? `i32x4 ${value} 0 0 0` : value)
          assert.is(await result(guest), `${plain + difference}`, `${place} of ${what}`)
        }
      })
    }
  }

  test('takes edits of references and of elements of a table', async () => {
    await using b = await begun()
    const straight = await b.begin(true, 'straight')
    straight.set('local 3', '0')
    assert.is(await result(straight), '1111001')
    const looping = await b.begin(true, 'looping')
    looping.set('table 0[0]', 'five')
    assert.is(await result(looping), '511111001')
  })

  test('is stored with its edits, and takes others as a snapshot', async () => {
    await using b = await begun()
    const guest = await b.begin(true, 'straight')
    guest.set('local 1', 3)
    await guest.snapshot('first', { sync: false })
    await guest.kill()
    assert.is(await result(await b.shell.recover('first', { paused: true })), '11111031')

    const edit = { kind: 'local', thread: 0, frame: 0, index: 2, bits: 3n } as const
    await b.shell.store.setStored('first', edit, { name: 'second' })
    assert.is(await result(await b.shell.recover('second', { paused: true })), '11111331')
  })

  test('of a start function takes edits of its locals', async () => {
    await using b = await begun()
    const module = await compileWat(`(module
      (global $sum (mut v128) (v128.const i32x4 0 0 0 0))
      (func $start (local $v v128)
        (global.set $sum (i32x4.add (local.get $v) (v128.const i32x4 1 0 0 0))))
      (func (export "sum") (result i32) (i32x4.extract_lane 0 (global.get $sum)))
      (start $start))`)
    const guest = await b.shell.run(module, { ...beginning, invoke: 'sum' })
    assert.is(guest.frames()[0]?.name, 'start')
    guest.set('local 0', 'i32x4 4 0 0 0')
    assert.is(await result(guest), '5')
  })
}, 60_000)
