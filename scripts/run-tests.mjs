// npm test [-- PART_OF_A_NAME ...]: sets up what is missing, then runs all tests, or those whose
// file name contains one of the given texts. --long runs the .long.test.ts files instead.
import { parseArgs } from 'node:util'
import { hasCrossTools, wasCrossSetUp } from './lib/cross-build.mjs'
import { findNativeTests, runNativeTest } from './lib/native-tests.mjs'
import { setUp } from './lib/set-up.mjs'
import { runScript } from './lib/setup-error.mjs'
import { runTests } from './lib/test-session.mjs'
import { findTypeScriptTests, runTypeScriptTest } from './lib/typescript-tests.mjs'

await runScript(async () => {
  const { values, positionals } = parseArgs({
    options: { long: { type: 'boolean' } },
    allowPositionals: true,
  })
  const long = values.long === true
  // Building for other CPUs takes long: in npm test only where set-up was told to.
  await setUp({ withTests: !long, withCross: long ? hasCrossTools() : wasCrossSetUp() })
  const nativeTests = long ? [] : await findNativeTests()
  const tests = [
    ...nativeTests.map((test) => [`native/${test.name}`, () => runNativeTest(test)]),
    ...findTypeScriptTests(long).map((path) => [path, () => runTypeScriptTest(path, long)]),
  ]
  const isWanted = ([name]) =>
    positionals.length === 0 || positionals.some((part) => name.includes(part))
  const passed = await runTests(tests.filter(isWanted).map(([, run]) => run))
  if (!passed) process.exitCode = 1
})
