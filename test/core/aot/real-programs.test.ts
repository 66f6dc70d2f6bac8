import * as assert from 'uvu/assert'
import { suite } from '../../support/suite.js'
import { compress } from '../../support/toolchains.js'
import { compressProgram } from '../../sweep/real-programs.js'
import { survivesEverywhere } from './real-programs.js'

const program = await compress()

suite('suspension of real programs', (test) => {
  const title = 'C: libzstd, at every visit of every stable point'
  if (program.missing !== undefined) test.skip(title, program.missing)
  else {
    test(title, () => {
      assert.ok(survivesEverywhere(compressProgram(program.module, 1)) > 50_000)
    })
  }
}, 240_000)
