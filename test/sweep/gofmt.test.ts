import * as assert from 'uvu/assert'
import { suite } from '../support/suite.js'
import { sweep } from '../support/sweep.js'
import { requireNoMismatch } from '../support/sweep-suite.js'
import { gofmt } from '../support/toolchains.js'
import { gofmtProgram } from './real-programs.js'

const program = await gofmt()
const points = { count: 20, seed: 1 }

suite('snapshots at random points: gofmt', (test) => {
  const title = 'a Go program survives each of them'
  if (program.missing !== undefined) return test.skip(title, program.missing)
  test(title, async () => {
    const result = await sweep(gofmtProgram(program.module), points)
    requireNoMismatch('gofmt', result)
    assert.is(result.points, points.count)
    assert.match(Buffer.from(result.ending.stdout).toString(), /^package main\n\nimport \(/)
  })
}, 240_000)
