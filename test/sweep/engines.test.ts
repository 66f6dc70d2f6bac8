/** Snapshots that are taken in one engine and recovered in another. */

import { hasCompiler, noCompiler } from '../support/compiler.js'
import { textGuest } from '../support/guest-programs.js'
import { cruncher } from '../support/guests.js'
import { suite } from '../support/suite.js'
import { compileWat } from '../support/wat.js'
import { defineEngineTests } from './engines.js'

const guests = await Promise.all(
  [
    'calls',
    'host-calls',
    'indirect',
    'memory',
    'multi-value',
    'references',
    'start',
    'tail-calls',
  ].map(async (name) => ({ name, module: await textGuest(name) })),
)
const vectors = { name: 'vectors', module: await textGuest('vectors') }
/** Long enough to be met by a timer in compiled code too. */
const computing = { name: 'computing', module: await compileWat(cruncher(20_000_000)) }

suite('snapshots across engines', (test) => {
  if (!hasCompiler) return test.skip('of small programs', noCompiler)

  for (const guest of guests) {
    const fromCompiled = [{ from: 'aot', to: ['interp', 'aot'] }] as const
    defineEngineTests(test, guest, fromCompiled, 'as often as it stops')
  }
  // Nothing but compiled code runs it.
  defineEngineTests(test, vectors, [{ from: 'aot', to: ['aot'] }], 'as often as it stops')
  defineEngineTests(test, computing, [{ from: 'interp', to: ['aot'] }], 8)
  defineEngineTests(test, computing, [{ from: 'aot', to: ['interp', 'aot'] }], 8)
  defineEngineTests(test, computing, [{ from: 'interp', to: ['aot'], twins: 'open' }], 2)
  defineEngineTests(test, computing, [{ from: 'aot', to: ['aot'], twins: 'open' }], 2)
  defineEngineTests(test, computing, [{ from: 'aot', to: ['aot'], twins: 'quick' }], 2)
}, 120_000)
