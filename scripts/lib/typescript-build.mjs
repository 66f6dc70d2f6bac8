import { existsSync } from 'node:fs'
import { treeFingerprint } from './file-tree.mjs'
import { inBuild, inRoot } from './paths.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { isStamped, removeStamp, writeStamp } from './stamp.mjs'

const stampName = 'typescript'

const inputs = () =>
  treeFingerprint(['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'].map((p) => inRoot(p)))

/** True if dist/ was made from what src/ is now. */
export const isTypeScriptBuilt = () =>
  isStamped(stampName, inputs()) && existsSync(inRoot('dist', 'cli.js'))

/** @throws {SetupError} when tsup finds errors */
export async function buildTypeScript() {
  const fingerprint = inputs()
  removeStamp(stampName)
  const tsup = inRoot('node_modules', 'tsup', 'dist', 'cli-default.js')
  const { status, output } = await runCommand(process.execPath, [tsup], { cwd: inRoot() })
  if (status !== 0) {
    const tail = keepLog(inBuild('logs', 'typescript.log'), output)
    throw new SetupError(
      `src/ does not build (tsup, status ${status}):\n${tail}`,
      'Correct the errors, then run the same command again.',
    )
  }
  writeStamp(stampName, fingerprint)
}
