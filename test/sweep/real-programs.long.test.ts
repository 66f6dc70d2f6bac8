import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import type { SweepProgram } from '../support/sweep-job.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { compress, cpython, gofmt, type Program } from '../support/toolchains.js'
import { compressProgram, gofmtProgram, pythonProgram } from './real-programs.js'

interface RealProgram {
  readonly title: string
  readonly program: Program
  readonly describe: (module: string) => SweepProgram
  readonly count: number
}

const programs: readonly RealProgram[] = [
  { title: 'gofmt', program: await gofmt(), describe: gofmtProgram, count: 200 },
  {
    title: 'libzstd',
    program: await compress(),
    describe: (module) => compressProgram(module, 4),
    count: 200,
  },
  { title: 'CPython', program: await cpython(), describe: pythonProgram, count: 20 },
]

suite('snapshots at many random points of real programs', (test) => {
  for (const { title, program, describe, count } of programs) {
    if (program.missing !== undefined) {
      test.skip(title, program.missing)
      continue
    }
    const { module } = program
    test(title, async () => {
      const result = await sweep(describe(module), { count, seed: 2 })
      requireNoMismatch(title, result)
      assert.is(result.points, count)
    })
  }
}, 3_600_000)
