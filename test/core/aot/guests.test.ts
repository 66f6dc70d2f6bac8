import * as assert from 'uvu/assert'
import { textGuest } from '../../support/guest-programs.js'
import { padLebs } from '../../support/pad-lebs.js'
import { suite } from '../../support/suite.js'
import { requireSurvival } from '../../support/suspension.js'
import { wasiProgram } from '../../support/wasi-program.js'

/** Guests, and how often they are stopped at least. */
const guests: readonly (readonly [name: string, what: string, stops: number])[] = [
  ['blocks', 'values under blocks', 5],
  ['br-table', 'branches through tables', 11],
  ['calls', 'recursion', 47],
  ['echo', 'input and output', 10],
  ['files', 'many host calls', 57],
  ['floats', 'floats', 1],
  ['host-calls', 'host calls of every kind', 26],
  ['indirect', 'indirect calls', 11],
  ['loops', 'loops in loops', 17],
  ['memory', 'memory that grows', 1],
  ['multi-value', 'several results', 7],
  ['tables', 'tables and references', 14],
  ['tail-calls', 'tail calls, of the host too', 22],
  ['values', 'locals and globals of every type', 9],
]

suite('suspension at every visit of every stable point', (test) => {
  for (const [name, what, stops] of guests) {
    test(what, async () => {
      const program = wasiProgram(await textGuest(name), { stdin: 'hello world' })

      assert.ok(requireSurvival(name, program) >= 4 * stops)
    })
  }

  test('waits', async () => {
    const program = wasiProgram(await textGuest('atomics'))

    assert.ok(requireSurvival('atomics', program) > 12)
  })

  test('segments that are dropped', async () => {
    const program = wasiProgram(await textGuest('bulk'))
    // Which segments an instance has dropped is hidden from its host here.
    const without = ['in a new instance each time']

    assert.ok(requireSurvival('bulk', program, { without }) > 0)
  })

  test('an export with arguments and several results', async () => {
    const program = {
      ...wasiProgram(await textGuest('reactor')),
      calls: [{ name: 'compute', values: [9, -9n, 1.5, 2.5] }],
    }

    assert.ok(requireSurvival('reactor', program) >= 4 * 8)
  })

  test('a start function', async () => {
    const program = wasiProgram(await textGuest('start'))
    // An engine runs it before its host knows the memory that it writes from.
    assert.ok(requireSurvival('start', program, { hasPlain: false }) > 4 * 4)
  })

  test('traps behind a stop', async () => {
    const names = ['unreachable', 'load', 'divide', 'null', 'undefined', 'tail', 'table_set']
    const program = {
      ...wasiProgram(await textGuest('traps')),
      calls: names.map((name) => ({ name })),
    }

    assert.ok(requireSurvival('traps', program) > 0)
  })

  test('padded immediates', async () => {
    const program = wasiProgram(padLebs(await textGuest('loops')))

    assert.ok(requireSurvival('loops', program) >= 4 * 17)
  })
}, 60_000)
