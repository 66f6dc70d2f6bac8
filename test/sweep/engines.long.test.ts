/** Snapshots of real programs, taken at any time in one engine and recovered in another. */
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { suite } from '../support/suite.js'
import { compress, type Program, vectorProgram } from '../support/toolchains.js'
import { defineEngineTests } from './engines.js'
import { compressProgram } from './real-programs.js'

const c: Program = await compress()
const simd: Program = await vectorProgram()

suite('snapshots of real programs across engines', (test) => {
  const reason = hasCompiler ? c.missing : noCompiler
  if (reason !== undefined || c.missing !== undefined) {
    test.skip('libzstd', reason ?? '')
    return
  }
  const program = compressProgram(c.module, 64)
  defineEngineTests(test, program, [{ from: 'aot', to: ['aot'] }], 300)
  defineEngineTests(test, program, [{ from: 'aot', to: ['interp'] }], 20)
  defineEngineTests(test, program, [{ from: 'interp', to: ['aot'] }], 20)
  defineEngineTests(test, program, [{ from: 'aot', to: ['aot'], twins: 'open' }], 40)
  defineEngineTests(test, program, [{ from: 'interp', to: ['aot'], twins: 'open' }], 20)
  defineEngineTests(test, program, [{ from: 'aot', to: ['aot'], twins: 'quick' }], 40)
}, 3_600_000)

suite('snapshots of a real program with SIMD', (test) => {
  const reason = hasCompiler ? simd.missing : noCompiler
  if (reason !== undefined || simd.missing !== undefined) {
    test.skip('vectors.c', reason ?? '')
    return
  }
  const program = { name: 'vectors', module: simd.module, args: ['100'] }
  defineEngineTests(test, program, [{ from: 'aot', to: ['aot'] }], 300)
}, 3_600_000)
