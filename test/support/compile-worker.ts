/** Compiles a module and waits for the end: node compile-worker.ts COMPILER MODULE DIRECTORY. */
import { compileInProcess } from '../../src/core/compile/compile-process.js'

const [program = '', module = '', directory = ''] = process.argv.slice(2)
process.once('SIGTERM', () => process.exit(7))
await compileInProcess({
  program,
  module,
  directory,
  twins: 'open',
  isQuick: false,
  target: null,
  hotLoops: [],
})
