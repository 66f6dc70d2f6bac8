/** Memories and tables that grow, or could: the interpreter and compiled code lay them out alike. */
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { RunOptions } from '../../../src/index.js'
import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { openWithCode } from '../../support/shell-with-code.js'
import { suite } from '../../support/suite.js'
import { temporaryDirectory } from '../../support/temporary-directory.js'
import { compileWat } from '../../support/wat.js'

const compiled = { stdin: 'null', engine: 'aot' } as const satisfies RunOptions

/** Grows both by much, calls through the last element, and then goes round until a global is set.
 *  `first` is run before all. */
const growing = (first: string): string => `(module
  (type $number (func (result i32)))
  (memory (export "memory") 1)
  (table $table 1 funcref)
  (global $done (mut i32) (i32.const 0))
  (func $seven (type $number) (i32.const 7))
  (elem declare func $seven)
  (func (export "_start")
    ${first}
    (drop (table.grow $table (ref.func $seven) (i32.const 900)))
    (drop (memory.grow (i32.const 10)))
    (i32.store (i32.const 0) (call_indirect (type $number) (i32.const 900)))
    (loop $again (br_if $again (i32.eqz (global.get $done))))
    (i32.store (i32.const 4) (call_indirect (type $number) (i32.const 899)))))`

/** Grows nothing, but says so in code that is never reached. */
const dead = `(module
  (type $number (func (result i32)))
  (memory (export "memory") 1)
  (table $table 1 funcref)
  (global $done (mut i32) (i32.const 0))
  (elem (i32.const 0) $seven)
  (func $seven (type $number) (i32.const 7))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 7))
    (loop $again (br_if $again (i32.eqz (global.get $done))))
    (i32.store (i32.const 4) (call_indirect (type $number) (i32.const 0)))
    (return)
    (drop (memory.grow (i32.const 1)))
    (drop (table.grow $table (ref.null func) (i32.const 1)))))`

suite('memories and tables that can grow', (test) => {
  if (!hasCompiler) return test.skip('are the same in both engines', noCompiler)

  for (const [what, text, elements, pages] of [
    ['of a guest', growing(''), 901, 11],
    ['of a guest with SIMD', growing('(drop (v128.const i64x2 0 0))'), 901, 11],
    ['of a guest that never comes to it', dead, 1, 1],
  ] as const) {
    test(`are the same in both engines: ${what}`, async () => {
      await using folder = await temporaryDirectory()
      const shell = await openWithCode(folder.path)
      const guest = await shell.run(await compileWat(text), compiled)
      while (guest.state === 'running' && guest.readMemory(0, 1)[0] !== 7) await setImmediate()
      await guest.pause()
      assert.is(guest.tables()[0]?.size, elements)
      assert.is(guest.info().memoryBytes, pages * 65536)
      await guest.snapshot('grown', { sync: false })
      guest.set('global 0', 1)
      guest.resume()
      assert.equal(await guest.wait(), { kind: 'ended', code: 0 })

      const again = await shell.recover('grown', { engine: 'aot', paused: true })
      assert.is(again.tables()[0]?.size, elements)
      again.set('global 0', 1)
      again.resume()
      assert.equal(await again.wait(), { kind: 'ended', code: 0 })
      await shell.close()
    })
  }
}, 60_000)
