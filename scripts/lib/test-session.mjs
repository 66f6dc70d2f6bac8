/** Two at a time: more would make time limits a matter of the machine. */
const concurrency = 2
/** Of a failed test's output, so many lines are shown, the last ones. */
const shownLines = 120

/**
 * Runs tests, says for each how it went, and ends with one line, e.g. "12 passed, 0 failed".
 *
 * @param {readonly (() => Promise<import('./typescript-tests.mjs').TestOutcome>)[]} tests
 * @returns {Promise<boolean>} true if nothing failed, and something passed
 */
export async function runTests(tests) {
  const outcomes = []
  const waiting = [...tests]
  const work = async () => {
    for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
      const outcome = await test()
      outcomes.push(outcome)
      show(outcome)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return conclude(outcomes, tests.length)
}

function show({ name, passed, failures, skipped, output, ms }) {
  const verdict = failures.length > 0 ? 'FAILED' : passed > 0 ? 'ok' : 'skipped'
  const counts = [
    `${passed} passed`,
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ]
  console.log(`${verdict.padEnd(7)} ${name}: ${counts.join(', ')} (${(ms / 1000).toFixed(1)} s)`)
  for (const skip of skipped) console.log(`        skipped: ${skip}`)
  if (failures.length === 0) return
  for (const failure of failures) console.log(`        failed: ${failure}`)
  const lines = output.trimEnd().split('\n')
  if (lines.length > shownLines)
    console.log(`        (last ${shownLines} of ${lines.length} lines)`)
  for (const line of lines.slice(-shownLines)) console.log(`        | ${line}`)
}

function conclude(outcomes, expectedCount) {
  const sum = (count) => outcomes.reduce((total, outcome) => total + count(outcome), 0)
  const passed = sum((outcome) => outcome.passed)
  const failed = sum((outcome) => outcome.failures.length)
  const skipped = sum((outcome) => outcome.skipped.length)
  if (outcomes.length !== expectedCount) {
    throw new Error(`${outcomes.length} of ${expectedCount} test files were run`)
  }
  console.log()
  for (const { failures } of outcomes) for (const line of failures) console.log(`failed: ${line}`)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return failed === 0 && passed > 0
}
