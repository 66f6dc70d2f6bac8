import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch, survivesEverywhere } from '../support/sweep-suite.js'
import { cProgram, goProgram } from '../support/toolchains.js'
import { cFileProgram, goFileProgram } from './file-programs.js'
import { goByLogAlone } from './log-alone.js'

const programs = [
  { title: 'a C program', program: await cProgram('filework'), describe: cFileProgram },
  { title: 'a Go program', program: await goProgram('filework'), describe: goFileProgram },
]
goByLogAlone()

suite('snapshots that go by the operation log alone', (test) => {
  survivesEverywhere(test, 'files and directories', 'files', 'ended with exit code 0', {
    files: { first: 'one two three' },
  })

  for (const { title, program, describe } of programs) {
    if (program.missing !== undefined) {
      test.skip(title, program.missing)
      continue
    }
    const { module } = program
    test(`${title}, around every host call`, async () => {
      const result = await sweep(describe(module), 'host calls')
      requireNoMismatch(title, result)
      assert.is(result.recoveries, 3 * result.points)
    })
  }
}, 3_600_000)
