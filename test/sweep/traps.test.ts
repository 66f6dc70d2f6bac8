import * as assert from 'uvu/assert'
import { textGuest } from '../support/guest-programs.js'
import { suite } from '../support/suite.js'
import { sweepAll } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'

/** Exports of test/guests/traps.wat and what each ends with. */
const reasons = {
  unreachable: 'unreachable',
  load: 'out of bounds memory access',
  store: 'out of bounds memory access',
  negative: 'out of bounds memory access',
  divide: 'integer divide by zero',
  remainder: 'integer divide by zero',
  overflow: 'integer overflow',
  convert: 'invalid conversion to integer',
  convert_range: 'integer overflow',
  null: 'uninitialized element',
  mismatch: 'indirect call type mismatch',
  undefined: 'undefined element',
  exhaust: 'call stack exhausted',
  tail: 'uninitialized element',
  fill: 'out of bounds memory access',
  copy: 'out of bounds memory access',
  init: 'out of bounds memory access',
  dropped: 'out of bounds memory access',
  table_get: 'out of bounds table access',
  table_set: 'out of bounds table access',
  table_init: 'out of bounds table access',
  table_copy: 'out of bounds table access',
  table_fill: 'out of bounds table access',
} as const

suite('a snapshot before every instruction: traps', (test) => {
  test('every kind of trap happens again at its place, the trapped guest recovered too', async () => {
    const module = await textGuest('traps')
    const programs = Object.keys(reasons).map((invoke) => ({
      name: invoke,
      module,
      invoke,
      // A small stack is exhausted in few instructions.
      stackBytes: 8192,
    }))

    const results = await sweepAll(programs)

    for (const [index, [name, reason]] of Object.entries(reasons).entries()) {
      const result = results[index]
      if (result === undefined) throw new Error(`${name} has no result`)
      requireNoMismatch(name, result)
      assert.is(result.points, result.instructions + 1, name)
      assert.ok(result.ending.outcome.startsWith(`trapped: ${reason} in function`), name)
    }
  })
}, 120_000)
