import { hasCompiler, noCompiler } from '../../support/compiler.js'
import { suite } from '../../support/suite.js'
import { crossDeep } from './deep-recursion.js'

suite('100,000 frames of compiled code', (test) => {
  if (!hasCompiler) return test.skip('are paused, stored and recovered', noCompiler)

  test('are paused, stored, and recovered in either engine and back', () => crossDeep(100_000))
}, 1_800_000)
