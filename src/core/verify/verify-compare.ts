import { fromNative } from '../errors.js'
import type { RunResult, VerifyDifference } from './verify-types.js'

const shownBytes = 40
const trappedSomewhere = 'trapped somewhere'

/** Lists in what a run differs from the one that was expected. States are compared when both have
 *  one. */
export function compareRuns(expected: RunResult, actual: RunResult): readonly VerifyDifference[] {
  const differences: VerifyDifference[] = []
  if (!isSameOutcome(expected.outcome, actual.outcome)) {
    differences.push({ aspect: 'outcome', expected: expected.outcome, actual: actual.outcome })
  }
  for (const aspect of ['stdout', 'stderr'] as const) {
    const difference = compareBytes(expected[aspect], actual[aspect])
    if (difference !== null) differences.push({ aspect, ...difference })
  }
  if (expected.files !== actual.files) {
    const texts = { expected: short(expected.files), actual: short(actual.files) }
    differences.push({ aspect: 'files', ...texts })
  }
  const { state } = expected
  if (state !== null && actual.state !== null && state !== actual.state) {
    differences.push({ aspect: 'state', expected: short(state), actual: short(actual.state) })
  }
  return differences
}

/** Compiled code does not always tell where it trapped. */
function isSameOutcome(expected: string, actual: string): boolean {
  if (!actual.startsWith(trappedSomewhere)) return expected === actual
  return expected.startsWith('trapped') && expected.endsWith(actual.slice(trappedSomewhere.length))
}

function short(digest: string): string {
  return `digest ${digest.slice(0, 16)}`
}

/** Shows both from shortly before the first difference. */
function compareBytes(
  expected: Uint8Array,
  actual: Uint8Array,
): { expected: string; actual: string } | null {
  if (Buffer.compare(expected, actual) === 0) return null
  const length = Math.min(expected.length, actual.length)
  let at = 0
  while (at < length && expected[at] === actual[at]) at++
  const from = Math.max(0, at - 8)
  const show = (bytes: Uint8Array): string => {
    const text = JSON.stringify(Buffer.from(bytes.subarray(from, from + shownBytes)).toString())
    return `${bytes.length} bytes, from byte ${from}: ${text}`
  }
  return { expected: show(expected), actual: show(actual) }
}

/** The difference that an error makes. */
export function failure(error: unknown, expected: RunResult): VerifyDifference {
  const { code, message } = fromNative(error)
  return { aspect: 'error', expected: expected.outcome, actual: `${code}: ${message}` }
}
