import * as assert from 'uvu/assert'
import { textGuest } from '../../support/guest-programs.js'
import { optimized, wasmOpt } from '../../support/optimized.js'
import { programOf, randomProgram } from '../../support/random-program.js'
import { suite } from '../../support/suite.js'
import { requireSurvival } from '../../support/suspension.js'
import { wasiProgram } from '../../support/wasi-program.js'

const optimizer = await wasmOpt()

suite('suspension after wasm-opt -O3', (test) => {
  const names = [
    'blocks',
    'br-table',
    'calls',
    'echo',
    'indirect',
    'loops',
    'multi-value',
    'tables',
  ]
  const seeds = [1, 4, 6, 7, 11, 14, 16, 18, 19, 21]
  if (optimizer.missing !== undefined) {
    test.skip('guests and random modules', optimizer.missing)
    return
  }
  for (const name of names) {
    test(name, async () => {
      const bytes = await optimized(optimizer.module, await textGuest(name))

      assert.ok(requireSurvival(name, wasiProgram(bytes, { stdin: 'hello world' })) >= 4)
    })
  }
  for (const seed of seeds) {
    test(`seed ${seed}`, async () => {
      const { bytes } = await randomProgram(seed)
      const program = programOf(await optimized(optimizer.module, bytes))

      assert.ok(requireSurvival(`seed ${seed}`, program) > 0)
    })
  }
}, 120_000)
