// npm run coverage: npm test under c8; a summary on the terminal, coverage/index.html in full.
import { spawnSync } from 'node:child_process'
import { inRoot } from './lib/paths.mjs'
import { setUp } from './lib/set-up.mjs'
import { runScript } from './lib/setup-error.mjs'

await runScript(async () => {
  await setUp({ withTests: true })
  const c8 = inRoot('node_modules', '.bin', 'c8')
  const options = ['--all', '--src=src', '--include=src/**/*.ts', '--reporter=text-summary']
  const tests = [process.execPath, inRoot('scripts', 'run-tests.mjs'), ...process.argv.slice(2)]
  const args = [...options, '--reporter=html', '--reporter=text', ...tests]
  const { status } = spawnSync(c8, args, { cwd: inRoot(), stdio: 'inherit' })
  process.exitCode = status ?? 1
})
