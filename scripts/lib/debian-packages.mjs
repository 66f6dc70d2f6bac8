import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { inBuild } from './paths.mjs'
import { keepLog, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** Whether a program of that name can be started. */
export function isOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, name)))
}

/**
 * Installs packages where that is possible without asking anybody: as root on Debian and its
 * relatives.
 *
 * @param {readonly string[]} packages
 * @param {{ need: string, tools: string, hint: string, log: string, isThere: () => boolean }} wanted
 *   `need` is who needs what ("the compiler needs LLVM 19"), `tools` what to call that in "and only
 *   root can install ...", `log` the name of a log, `isThere` whether it has come to be there
 * @throws {SetupError} elsewhere
 */
export async function installDebianPackages(packages, { need, tools, hint, log, isThere }) {
  if (process.getuid?.() !== 0) {
    throw new SetupError(`${need}, and only root can install ${tools}`, hint)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await runCommand('apt-get', ['update'], { env })
  const { status, output } = await runCommand(
    'apt-get',
    ['install', '--yes', '--no-install-recommends', ...packages],
    { env },
  )
  if (status === 0 && isThere()) return
  const tail = keepLog(inBuild('logs', log), output, 5)
  throw new SetupError(`${need}, which cannot be installed here:\n${tail}`, hint)
}
