import { WasmshError } from '../errors.js'
import type { VerifyOptions } from './verify-types.js'

const defaultPoints = 20

/** xorshift64*; the same seed gives the same points on every machine.
 *  See https://doi.org/10.18637/jss.v008.i14 */
function* random(seed: bigint): Generator<bigint> {
  let state = BigInt.asUintN(64, seed * 0x9e3779b97f4a7c15n + 0x1234567n) | 1n
  for (;;) {
    state ^= state >> 12n
    state = BigInt.asUintN(64, state ^ (state << 25n))
    state ^= state >> 27n
    yield BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn)
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Chooses the positions to try, ascending and different: those of `at`, or as many random ones as
 * asked for, or all when the program has no more instructions than that.
 *
 * @throws WasmshError ERR_WASMSH_OPTION_INVALID for a position that the program does not reach
 */
export function choosePositions(options: VerifyOptions, instructions: bigint): readonly bigint[] {
  if (options.at !== undefined) {
    const outside = options.at.find((one) => one < 0n || one >= instructions)
    if (outside === undefined) return [...new Set(options.at)].sort(ascending)
    throw new WasmshError(
      'ERR_WASMSH_OPTION_INVALID',
      `The program has ${instructions} instructions; it does not reach position ${outside}`,
      { hint: 'Positions are counted from 0.' },
    )
  }
  const points = options.points ?? defaultPoints
  if (!Number.isSafeInteger(points) || points < 1) {
    const hint = 'Give a whole number of 1 or more.'
    throw new WasmshError('ERR_WASMSH_OPTION_INVALID', `${points} points cannot be tried`, { hint })
  }
  if (instructions <= BigInt(points)) {
    return Array.from({ length: Number(instructions) }, (_, position) => BigInt(position))
  }
  const numbers = random(options.seed ?? 0n)
  const chosen = new Set<bigint>()
  while (chosen.size < points) chosen.add(numbers.next().value % instructions)
  return [...chosen].sort(ascending)
}

/** Cuts a list into parts of at most `size`. */
export function* inChunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
