import { appendFileSync } from 'node:fs'
import { suite as uvuSuite } from 'uvu'

/** Adds tests to a suite. */
export interface Define {
  /** A test: a fact that can be false, and the body that finds out. */
  (title: string, body: () => Promise<void> | void): void
  /** A test that cannot run on this machine: it is named and counted, with the reason. */
  skip(title: string, reason: string): void
}

/**
 * A uvu suite with a time limit per test. It runs itself, and has no hooks: uvu 0.5.6 exits 0 when
 * a hook throws. Use `await using` inside the test instead.
 *
 * The runner (scripts/run-tests.mjs) names a file in WASMSH_TEST_REPORT, to which each suite first
 * writes its number of tests and then each result: a process that dies half-way is found out.
 *
 * @param timeoutMs limit per test, in milliseconds
 * @throws Error for a suite without tests
 */
export function suite(name: string, define: (test: Define) => void, timeoutMs = 10_000): void {
  const uvu = uvuSuite(name)
  const skipped: { readonly test: string; readonly reason: string }[] = []
  let count = 0
  const add = (title: string, body: () => Promise<void> | void): void => {
    count++
    uvu(title, () => runReported(name, title, body, timeoutMs))
  }
  const skip = (title: string, reason: string): void => {
    count++
    skipped.push({ test: title, reason })
    uvu.skip(title)
  }
  define(Object.assign(add, { skip }))
  if (count === 0) throw new Error(`Suite "${name}" has no tests`)
  report({ suite: name, count })
  for (const { test, reason } of skipped) report({ suite: name, test, status: 'skipped', reason })
  uvu.run()
}

async function runReported(
  suiteName: string,
  title: string,
  body: () => Promise<void> | void,
  timeoutMs: number,
): Promise<void> {
  const startMs = performance.now()
  const result = (status: string) => ({
    suite: suiteName,
    test: title,
    status,
    ms: Math.round(performance.now() - startMs),
  })
  try {
    await withLimit(title, body, timeoutMs)
    report(result('passed'))
  } catch (error) {
    report({ ...result('failed'), error: String(error) })
    throw error
  }
}

async function withLimit(
  title: string,
  body: () => Promise<void> | void,
  timeoutMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" took over ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    await Promise.race([body(), limit])
  } finally {
    clearTimeout(timer)
  }
}

/** At once and in full, so that nothing is lost when the next test ends the process. */
function report(line: object): void {
  const path = process.env['WASMSH_TEST_REPORT']
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(line)}\n`)
}
