import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { compress, gofmt } from '../support/toolchains.js'
import { compressProgram, gofmtProgram } from './real-programs.js'

const points = { count: 20, seed: 1 }

const programs = [
  {
    title: 'a Go program, gofmt',
    program: await gofmt(),
    describe: gofmtProgram,
    output: /^package main\n\nimport \(/,
  },
  {
    title: 'a C program, libzstd',
    program: await compress(),
    describe: (module: string) => compressProgram(module, 4),
    output: /^4096 bytes, .*\nlevel 0: .*\n[\s\S]*\nall the same\n$/,
  },
]

suite('snapshots at random points', (test) => {
  for (const { title, program, describe, output } of programs) {
    if (program.missing !== undefined) {
      test.skip(title, program.missing)
      continue
    }
    const { module } = program
    test(title, async () => {
      const result = await sweep(describe(module), points)
      requireNoMismatch(title, result)
      assert.is(result.points, points.count)
      assert.match(Buffer.from(result.ending.stdout).toString(), output)
    })
  }
}, 240_000)
