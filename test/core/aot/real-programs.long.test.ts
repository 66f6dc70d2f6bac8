import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { instrument } from '../../../src/core/aot/instrument.js'
import { optimized, wasmOpt } from '../../support/optimized.js'
import { suite } from '../../support/suite.js'
import { compress, cpython, gofmt } from '../../support/toolchains.js'
import { v8 } from '../../support/v8.js'
import { compressProgram, gofmtProgram } from '../../sweep/real-programs.js'
import { survivesEverywhere } from './real-programs.js'

const [zstd, format, python, optimizer] = await Promise.all([
  compress(),
  gofmt(),
  cpython(),
  wasmOpt(),
])

suite('suspension of real programs', (test) => {
  if (format.missing !== undefined) test.skip('Go: gofmt', format.missing)
  else {
    test('Go: gofmt', () => {
      assert.ok(survivesEverywhere(gofmtProgram(format.module)) > 50_000)
    })
  }

  const title = 'C: libzstd, after wasm-opt -O3'
  const missing = zstd.missing ?? optimizer.missing
  if (zstd.missing !== undefined || optimizer.missing !== undefined) test.skip(title, `${missing}`)
  else {
    test(title, async () => {
      const module = await optimized(optimizer.module, readFileSync(zstd.module))
      const program = { ...compressProgram(zstd.module, 1), module }

      assert.ok(survivesEverywhere(program) > 50_000)
    })
  }

  if (python.missing !== undefined) test.skip('CPython in 20 s and 1 GiB', python.missing)
  else {
    test('CPython in 20 s and 1 GiB', () => {
      const module = readFileSync(python.module)
      const before = process.cpuUsage()
      const { bytes } = instrument(module, { twins: 'all' })
      const { user, system } = process.cpuUsage(before)

      assert.ok(user + system < 20e6, `${(user + system) / 1e6} s`)
      assert.ok(process.resourceUsage().maxRSS < 2 ** 20, `${process.resourceUsage().maxRSS} KiB`)
      assert.ok(v8.validate(bytes))
    })
  }
}, 290_000)
