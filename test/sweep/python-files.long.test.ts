import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { cpython } from '../support/toolchains.js'
import { pythonFileProgram } from './file-programs.js'

const count = 60
const program = await cpython()

suite('snapshots around host calls of a CPython script on files', (test) => {
  const title = 'behind the start of CPython'
  if (program.missing !== undefined) {
    test.skip(title, program.missing)
    return
  }
  test(title, async () => {
    const points = { count, seed: 3, of: 'host calls' } as const
    const result = await sweep(pythonFileProgram(program.module), points)
    requireNoMismatch(title, result)
    assert.is(result.recoveries, 3 * count)
    assert.is(result.ending.outcome, 'ended with exit code 5')
    assert.match(Buffer.from(result.ending.stdout).toString(), /^begun\n.*\nlisted tree .*\n$/s)
  })
}, 3_600_000)
