import { inBuild } from './paths.mjs'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { runTestProcess } from './test-process.mjs'

const limitMs = 300_000
/** Exit status of a program whose tests all said that they cannot run on this machine. */
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
 * Runs one native test program. It ends with "N passed, N failed" (see native/test/check.h), after a
 * line for each test that failed or was skipped.
 *
 * @param {{ name: string, command: string[] }} test
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./typescript-tests.mjs').TestOutcome>}
 */
export async function runNativeTest({ name, command }, env = process.env) {
  const { status, ending, output, ms } = await runTestProcess(command, env, limitMs)
  const title = `native/${name}`
  const linesAfter = (start) =>
    [...output.matchAll(new RegExp(`^${start} (.*)$`, 'gm'))].map(
      (match) => `${title}: ${match[1]}`,
    )
  const failures = linesAfter('FAILED')
  const skipped = linesAfter('skipped')
  const counts = output.trimEnd().match(/^(\d+) passed, \d+ failed(, \d+ skipped)?$/m)
  const isGood = status === 0 || (status === skippedStatus && skipped.length > 0)
  if (!isGood && failures.length === 0) failures.push(`${title} ${ending}`)
  if (isGood && counts === null) failures.push(`${title} ended without a count of its tests`)
  return { name: title, passed: Number(counts?.[1] ?? 0), failures, skipped, output, ms }
}
