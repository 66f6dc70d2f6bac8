import * as assert from 'uvu/assert'
import { textGuest } from './guest-programs.js'
import { padLebs } from './pad-lebs.js'
import type { Define } from './suite.js'
import { type Sweep, sweep } from './sweep.js'
import type { Mismatch, SweepProgram } from './sweep-job.js'
import { outputOfV8 } from './v8-output.js'

/** How a program is run; the module is added. */
export type SweepOptions = Omit<SweepProgram, 'name' | 'module'>

/** Fails with the first few mismatches, each on a line. */
export function requireNoMismatch(name: string, { points, mismatches }: Sweep): void {
  assert.ok(points > 0, `${name}: no point was tried`)
  const text = ({ position, what, expected, actual }: Mismatch): string =>
    `${name}: paused at ${position}, ${what} is ${actual} instead of ${expected}`
  const shown = mismatches.slice(0, 3).map(text).join('\n')
  assert.is(mismatches.length, 0, `${mismatches.length} mismatches at ${points} points\n${shown}`)
}

/** Tests that a program of test/guests survives a snapshot before each of its instructions, and that
 *  it ends as it has to. */
export function survivesEverywhere(
  test: Define,
  title: string,
  guest: string,
  outcome: string,
  options: SweepOptions = {},
): void {
  test(title, async () => {
    const result = await sweep({ name: guest, module: await textGuest(guest), ...options })

    requireNoMismatch(guest, result)
    assert.is(result.points, result.instructions)
    assert.is(result.ending.outcome, outcome)
  })
}

/** The same for programs that only write: their output has to be that of V8. With `padded`, all
 *  immediates of the module are as long as the format allows. */
export function survivesAsInV8(
  test: Define,
  title: string,
  guest: string,
  { padded = false } = {},
): void {
  test(title, async () => {
    const text = await textGuest(guest)
    const module = padded ? padLebs(text) : text
    const result = await sweep({ name: guest, module })

    requireNoMismatch(guest, result)
    assert.is(result.points, result.instructions)
    assert.is(result.ending.outcome, 'ended with exit code 0')
    const output = [result.ending.stdout, result.ending.stderr]
    assert.equal(output.map(toHex), outputOfV8(text).map(toHex))
  })
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
