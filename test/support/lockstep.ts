import * as assert from 'uvu/assert'
import type { Guest } from '../../src/index.js'
import type { SpilledFrame, SuspendedGuest } from './suspended-guest.js'
import { slotsOf } from './suspended-guest.js'

/** A frame of a suspended guest in terms of the wasm view; a local that is not live is missing. */
interface ComparedFrame {
  readonly function: number
  readonly pc: number
  readonly locals: ReadonlyMap<number, bigint>
  readonly operands: readonly bigint[]
}

/** The state of a suspended guest at one stop, outermost frame first. */
export interface ComparedState {
  readonly frames: readonly ComparedFrame[]
  readonly globals: ReadonlyMap<number, bigint>
  readonly tables: readonly (readonly bigint[])[]
  readonly memory: Uint8Array
}

export function stateAtStop(frames: readonly SpilledFrame[], guest: SuspendedGuest): ComparedState {
  const { globals, memory, tables } = guest.state()
  return {
    frames: frames.map((frame, index) => comparedFrame(guest, frame, index === 0)).reverse(),
    globals: new Map([...globals].map(([index, [bits = 0n]]) => [index, BigInt.asUintN(64, bits)])),
    tables: tables.map((table) => table.map(BigInt)),
    memory: memory ?? new Uint8Array(),
  }
}

function comparedFrame(
  { points }: SuspendedGuest,
  frame: SpilledFrame,
  isInnermost: boolean,
): ComparedFrame {
  const point = points.of(frame.function)?.points[frame.point]
  if (point === undefined) throw new Error(`function ${frame.function} has no such point`)
  const { live, types } = slotsOf(points, frame)
  const bits = frame.values.map((value, index) =>
    types[index]?.endsWith('ref') === true ? BigInt.asIntN(64, value) : value,
  )
  const operands = bits.slice(live.length)
  // A frame that waits has no results yet, whatever was spilled for them.
  const missing = isInnermost ? 0 : (point.call?.results ?? 0)
  return {
    function: frame.function,
    pc: point.pc,
    locals: new Map(live.map((local, index) => [local, bits[index] ?? 0n])),
    operands: operands.slice(0, operands.length - missing),
  }
}

/**
 * Steps a guest of the interpreter, which is parked at its beginning, through the states in turn:
 * each has to come up, after the one before.
 */
export async function requireLockstep(
  name: string,
  guest: Guest,
  states: readonly ComparedState[],
): Promise<void> {
  let steps = 0
  for (const [index, state] of states.entries()) {
    while (!isAt(guest, state)) {
      const outcome = await guest.step(1)
      steps++
      const where = `${name}: stop ${index + 1} of ${states.length}, ${describe(state)}`
      assert.is(outcome.kind, 'paused', `${where}, does not come up within ${steps} instructions`)
    }
  }
}

function isAt(guest: Guest, state: ComparedState): boolean {
  const { threads, instances } = guest.view()
  const frames = threads[0]?.frames ?? []
  if (frames.length !== state.frames.length) return false
  for (const [index, frame] of frames.entries()) {
    const expected = state.frames[index]
    if (expected === undefined || frame.function !== expected.function) return false
    if (frame.pc !== expected.pc || frame.operands.length !== expected.operands.length) return false
    if (frame.operands.some(({ bits }, at) => bits !== expected.operands[at])) return false
    for (const [local, bits] of expected.locals)
      if (frame.locals[local]?.bits !== bits) return false
  }
  const [instance] = instances
  for (const [index, bits] of state.globals) {
    const global = instance?.globals[index]
    const isReference = global?.type.endsWith('ref') === true
    if (global?.bits !== (isReference ? BigInt.asIntN(64, bits) : bits)) return false
  }
  for (const [index, elements] of state.tables.entries()) {
    const own = instance?.tables[index]?.elements ?? []
    if (own.length !== elements.length || own.some((bits, at) => bits !== elements[at]))
      return false
  }
  if (state.memory.length === 0) return true
  return Buffer.compare(guest.readMemory(0, state.memory.length), state.memory) === 0
}

function describe({ frames }: ComparedState): string {
  const innermost = frames.at(-1)
  return `function ${innermost?.function} at pc ${innermost?.pc}, ${frames.length} frames`
}
