import { readFileSync } from 'node:fs'
import { inBuild, inRoot } from './paths.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** True if node_modules/ holds what package-lock.json asks for. */
export function arePackagesInstalled() {
  const wanted = readPackages(inRoot('package-lock.json'))
  const installed = readPackages(inRoot('node_modules', '.package-lock.json'))
  if (wanted === null || installed === null) return false
  return Object.entries(wanted).every(
    ([path, { version, optional, peer }]) =>
      path === '' || optional || peer || installed[path]?.version === version,
  )
}

/** @throws {SetupError} when npm fails */
export async function installPackages() {
  // `npm ci` starts from nothing; for a small difference `npm install` is much quicker.
  const isFresh = readPackages(inRoot('node_modules', '.package-lock.json')) === null
  const args = [
    isFresh ? 'ci' : 'install',
    '--ignore-scripts', // ours would run this set-up; those of the packages are not needed
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const npm = process.env.npm_execpath
  const { status, output } =
    npm?.endsWith('.js') === true
      ? await runCommand(process.execPath, [npm, ...args], { cwd: inRoot() })
      : await runCommand('npm', args, { cwd: inRoot() })
  if (status === 0 && arePackagesInstalled()) return
  const tail = keepLog(inBuild('logs', 'npm.log'), output)
  throw new SetupError(
    `npm could not install the packages (status ${status}):\n${tail}`,
    'Check that the npm registry can be reached, then run the same command again.',
  )
}

/** The "packages" table of a lock file, or null if there is none. */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null
  } catch {
    return null
  }
}
