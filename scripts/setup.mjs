// npm run setup [-- --tests] [-- --native] [-- --compiler] [-- --cross]: makes everything that wasmsh needs to run, and no more.
import { parseArgs } from 'node:util'
import { setUp } from './lib/set-up.mjs'
import { runScript } from './lib/setup-error.mjs'

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      tests: { type: 'boolean' },
      native: { type: 'boolean' },
      compiler: { type: 'boolean' },
      cross: { type: 'boolean' },
    },
  })
  const options = {
    withTests: values.tests === true,
    nativeOnly: values.native === true,
    withCompiler: values.compiler === true,
    withCross: values.cross === true,
  }
  if (!(await setUp(options))) process.stderr.write('wasmsh is set up\n')
})
