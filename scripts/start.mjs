// npm start [-- ARGUMENTS]: sets up what is missing, then runs wasmsh in this process.
import { pathToFileURL } from 'node:url'
import { inRoot } from './lib/paths.mjs'
import { setUp } from './lib/set-up.mjs'
import { runScript } from './lib/setup-error.mjs'

await runScript(async () => {
  await setUp()
  const cli = inRoot('dist', 'cli.js')
  // --start: a terminal is offered the tour, anything else is shown it.
  process.argv = [process.execPath, cli, '--start', ...process.argv.slice(2)]
  await import(pathToFileURL(cli).href)
})
