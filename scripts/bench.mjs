// npm run bench [-- --only NAME] [--json]: sets up what is missing, then runs bench/main.ts.
import { spawnSync } from 'node:child_process'
import { inRoot } from './lib/paths.mjs'
import { setUp } from './lib/set-up.mjs'
import { runScript } from './lib/setup-error.mjs'

await runScript(async () => {
  await setUp()
  const args = ['--import', 'tsx', inRoot('bench', 'main.ts'), ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { cwd: inRoot(), stdio: 'inherit' })
  process.exitCode = status ?? 1
})
