import { inBuild } from './paths.mjs'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { runTestProcess } from './test-process.mjs'

const limitMs = 300_000
/** A native test that cannot run on this machine says why and exits with this status. */
const skippedStatus = 77

/**
 * Lists the native tests that CMake knows.
 *
 * @param {string} buildFolder a CMake build folder
 * @returns {Promise<{ name: string, command: string[] }[]>}
 */
export async function findNativeTests(buildFolder = inBuild('native')) {
  const { status, stdout, output } = await runCommand('ctest', ['--show-only=json-v1'], {
    cwd: buildFolder,
  })
  if (status !== 0) {
    throw new SetupError(
      `ctest cannot list the native tests: ${output.trim()}`,
      'Run `npm run setup -- --tests` first.',
    )
  }
  return JSON.parse(stdout).tests.map(({ name, command }) => ({ name, command: command ?? [name] }))
}

/**
 * Runs one native test program.
 *
 * @param {{ name: string, command: string[] }} test
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./typescript-tests.mjs').TestOutcome>}
 */
export async function runNativeTest({ name, command }, env = process.env) {
  const { status, ending, output, ms } = await runTestProcess(command, env, limitMs)
  const title = `native/${name}`
  if (status === 0) return { name: title, passed: 1, failures: [], skipped: [], output, ms }
  if (status === skippedStatus) {
    const reason = output.trim().split('\n').at(-1)
    return { name: title, passed: 0, failures: [], skipped: [`${title} (${reason})`], output, ms }
  }
  return { name: title, passed: 0, failures: [`${title} ${ending}`], skipped: [], output, ms }
}
