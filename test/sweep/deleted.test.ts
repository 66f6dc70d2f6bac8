import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { deletedPrograms } from './deleted-programs.js'

const programs = await deletedPrograms()

suite('snapshots around some host calls on what was deleted while open', (test) => {
  for (const { program, output } of programs) {
    test(program.name, async () => {
      const result = await sweep(program, { count: 12, seed: 3, of: 'host calls' })
      requireNoMismatch(program.name, result)
      assert.is(result.recoveries, 3 * result.points)
      assert.is(result.ending.outcome, 'ended with exit code 0')
      assert.is(Buffer.from(result.ending.stdout).toString(), output)
    })
  }
}, 120_000)
