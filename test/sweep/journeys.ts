import type { CrossCpu } from '../support/cross-host.js'
import type { Journey } from '../support/move-across.js'

const interpretedThere: Journey = { from: 'aot', there: 'interp', back: 'aot' }

const compiledThere: readonly Journey[] = [
  { from: 'aot', there: 'aot', back: 'aot' },
  { from: 'interp', there: 'aot', back: 'interp' },
  interpretedThere,
  { from: 'aot', there: 'aot', back: 'aot', twins: 'open' },
]

/** Directions, of CPUs that WAMR can load compiled code for, and of one that has the interpreter
 *  alone. */
export function journeysOf(cpu: CrossCpu): readonly Journey[] {
  return cpu === 's390x' ? [interpretedThere] : compiledThere
}

export function journeyName({ from, there, back, level, twins }: Journey): string {
  const how = level === undefined ? '' : ` of level ${level}`
  return `${from} to ${there}${how} to ${back}${twins === undefined ? '' : ', with twins on demand'}`
}
