import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { filesBelow } from './file-tree.mjs'
import { inRoot } from './paths.mjs'
import { runTestProcess } from './test-process.mjs'

/** Per file. A test has a limit of its own, see test/support/suite.ts. */
const limitMs = { normal: 300_000, long: 3_600_000 }

/**
 * Lists the test files, relative to the root folder.
 *
 * @param {boolean} long the .long.test.ts files instead of the others
 */
export function findTypeScriptTests(long) {
  return filesBelow(inRoot('test'))
    .map((path) => relative(inRoot(), path))
    .filter((path) => path.endsWith('.test.ts') && path.endsWith('.long.test.ts') === long)
    .sort()
}

/**
 * Runs one test file in a process of its own.
 *
 * @param {string} path relative to the root folder
 * @param {boolean} long
 * @returns {Promise<TestOutcome>}
 *
 * @typedef {object} TestOutcome
 * @property {string} name
 * @property {number} passed
 * @property {string[]} failures one sentence each
 * @property {string[]} skipped name and reason of each
 * @property {string} output what the process printed
 * @property {number} ms
 */
export async function runTypeScriptTest(path, long) {
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-test-'))
  const report = join(folder, 'report.jsonl')
  try {
    const { status, ending, output, ms } = await runTestProcess(
      [process.execPath, '--import', 'tsx', path],
      { ...process.env, WASMSH_TEST_REPORT: report },
      long ? limitMs.long : limitMs.normal,
    )
    const lines = existsSync(report) ? readFileSync(report, 'utf8').trimEnd().split('\n') : []
    return {
      name: path,
      output,
      ms,
      ...judge(
        lines.map((line) => JSON.parse(line)),
        status,
        ending,
      ),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Compares what the suites announced with what they reported and how the process ended. */
function judge(lines, status, ending) {
  const results = lines.filter((line) => line.test !== undefined)
  const suites = lines.filter((line) => line.count !== undefined)
  const title = (result) => `${result.suite}: ${result.test}`
  const passed = results.filter((result) => result.status === 'passed').length
  const skipped = results
    .filter((result) => result.status === 'skipped')
    .map((result) => `${title(result)} (${result.reason})`)
  const failures = results
    .filter((result) => result.status === 'failed')
    .map((result) => `${title(result)}: ${result.error.split('\n')[0]}`)
  for (const suite of new Set(suites.map((line) => line.suite))) {
    const announced = suites
      .filter((line) => line.suite === suite)
      .reduce((total, line) => total + line.count, 0)
    const missing = announced - results.filter((result) => result.suite === suite).length
    for (let i = 0; i < missing; i++) failures.push(`${suite}: a test has no result; it ${ending}`)
  }
  if (suites.length === 0) failures.push(`no suite was defined; the process ${ending}`)
  if (status !== 0 && failures.length === 0)
    failures.push(`all tests passed, but the process ${ending}`)
  return { passed, failures, skipped }
}
