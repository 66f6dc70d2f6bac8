import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { suite } from '../../support/suite.js'
import { crossDeep, crossDeeper, exhaust } from './deep-recursion.js'

suite('deep recursion in compiled code', (test) => {
  if (!hasCompiler) return test.skip('is paused, stored and recovered', noCompiler)

  test('is paused, stored, and recovered in either engine and back', () => crossDeep(10_000))

  test('is paused when the interpreter has less room for it', () => crossDeeper(30_000))

  for (const engine of ['interp', 'aot'] as const) {
    test(`traps when the stack is exhausted, with --engine ${engine}`, () => exhaust(engine))
  }
}, 120_000)
