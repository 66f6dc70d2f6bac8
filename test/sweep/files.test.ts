import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { cProgram, goProgram } from '../support/toolchains.js'
import { cFileProgram, goFileProgram } from './file-programs.js'

const programs = [
  {
    title: 'a C program',
    program: await cProgram('filework'),
    describe: cFileProgram,
    count: 40,
    code: 7,
  },
  {
    title: 'a Go program',
    program: await goProgram('filework'),
    describe: goFileProgram,
    count: 8,
    code: 0,
  },
]

suite('snapshots around some host calls on files', (test) => {
  for (const { title, program, describe, count, code } of programs) {
    if (program.missing !== undefined) {
      test.skip(title, program.missing)
      continue
    }
    const { module } = program
    test(title, async () => {
      const result = await sweep(describe(module), { count, seed: 1, of: 'host calls' })
      requireNoMismatch(title, result)
      assert.is(result.recoveries, 3 * count)
      assert.is(result.ending.outcome, `ended with exit code ${code}`)
    })
  }
}, 240_000)
