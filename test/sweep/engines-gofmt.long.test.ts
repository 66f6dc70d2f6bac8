/** Snapshots of gofmt, taken at any time in one engine and recovered in another. Its code with all twins
 *  takes the compiler some ten minutes, once. */
import { hasCompiler, noCompiler } from '../support/compiler.js'
import { suite } from '../support/suite.js'
import { gofmt } from '../support/toolchains.js'
import { defineLargeEngineTests } from './engines.js'
import { gofmtProgram } from './real-programs.js'

const { module, missing } = { module: undefined, missing: undefined, ...(await gofmt()) }

suite('snapshots of gofmt across engines', (test) => {
  if (hasCompiler && module !== undefined) defineLargeEngineTests(test, gofmtProgram(module))
  else test.skip('gofmt', hasCompiler ? (missing ?? '') : noCompiler)
}, 7_200_000)
