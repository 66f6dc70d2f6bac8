/** Snapshots of CPython, taken at any time in one engine and recovered in another. Its code with all twins
 *  takes the compiler some ten minutes, once. */
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { suite } from '../support/suite.js'
import { cpython } from '../support/toolchains.js'
import { defineLargeEngineTests } from './engines.js'
import { pythonProgram } from './real-programs.js'

const { module, missing } = { module: undefined, missing: undefined, ...(await cpython()) }

suite('snapshots of CPython across engines', (test) => {
  if (hasCompiler && module !== undefined) defineLargeEngineTests(test, pythonProgram(module))
  else test.skip('CPython', hasCompiler ? (missing ?? '') : noCompiler)
}, 7_200_000)
