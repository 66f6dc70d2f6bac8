import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { meter, meterGuest } from '../support/meter.js'
import { suite } from '../support/suite.js'
import { openTestSession } from '../support/test-session.js'
import { rejectsCode } from '../support/throws.js'
import { compileWat } from '../support/wat.js'

suite('log', (test) => {
  test("shows the calls of a plugin's functions, by their types, and what they wrote", async () => {
    await using t = await openTestSession([meter().plugin])
    const file = join(t.folder, 'meter.wasm')
    const body = `(drop (call $meter_add (i32.const -2)))
      (drop (call $meter_read (i32.const 64) (i32.const 8)))
      (drop (call $meter_mix (i32.const 1) (i64.const 2) (f32.const 0.5) (f64.const -1)))
      (call $proc_exit (i32.const 0))`
    writeFileSync(file, await compileWat(meterGuest(body)))
    await t.line(`run ${file}`)

    const all = await t.line('log')
    assert.match(all, /1 {2}env\.meter_add\(-2\) = -2\n/)
    assert.match(all, /2 {2}env\.meter_read\(64, 8\) = 8, 8 bytes at 0x40\n/)
    assert.match(all, /3 {2}env\.meter_mix\(1, 2, 0\.5, -1\) = 2\.5\n/)
    assert.match(all, /4 {2}proc_exit\(0\)/)
    const own = await t.line('log --class meter')
    assert.match(own, /env\.meter_mix/)
    assert.not.match(own, /proc_exit/)
    assert.not.match(await t.line('log --class process'), /env\./)
    await rejectsCode('ERR_WASMSH_COMMAND_USAGE', () => t.line('log --class sensor'))
    const json = JSON.stringify(await t.json('log --call env.meter_read'))
    assert.match(json, /address.*64.*length.*8.*feffffffffffffff/)
  })
})
