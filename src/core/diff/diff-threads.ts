import { formatValue } from '../value/value.js'
import type { Frame, Thread, View } from '../wasm-view.js'
import { diffFields, diffValues, pairs } from './diff-state.js'
import type { Change, FieldDifference, FrameDifference, ThreadDifference } from './diff-types.js'

/** Threads by their ids. */
export function diffThreads(a: View, b: View): readonly ThreadDifference[] {
  const inA = new Map(a.threads.map((thread) => [thread.id, thread]))
  const inB = new Map(b.threads.map((thread) => [thread.id, thread]))
  const ids = [...new Set([...inA.keys(), ...inB.keys()])].sort((x, y) => x - y)
  return ids.flatMap((id) => diffThread(id, inA.get(id), inB.get(id)))
}

function diffThread(
  thread: number,
  a: Thread | undefined,
  b: Thread | undefined,
): readonly ThreadDifference[] {
  const difference: ThreadDifference = {
    thread,
    status: change(a?.status, b?.status),
    position: change(a?.position ?? undefined, b?.position ?? undefined),
    depth: change(a?.frames.length, b?.frames.length),
    call: change(formatCall(a), formatCall(b)),
    fields: diffFields(otherFields(a), otherFields(b)),
    frames: diffFrames(a?.frames, b?.frames),
  }
  const { status, position, depth, call, fields, frames } = difference
  const isSame = [status, position, depth, call].every((each) => each === null)
  return isSame && fields.length === 0 && frames.length === 0 ? [] : [difference]
}

function change<Value>(a: Value | undefined, b: Value | undefined): Change<Value> | null {
  return (a ?? null) === (b ?? null) ? null : { a: a ?? null, b: b ?? null }
}

function formatCall(thread: Thread | undefined): string | undefined {
  const call = thread?.call ?? null
  if (call === null) return undefined
  const values = call.arguments.map(({ type, bits }) => `${type} ${formatValue(type, bits)}`)
  const deadline = call.deadlineNs === null ? '' : `, until ${call.deadlineNs} ns`
  return `#${call.import}(${values.join(', ')}), ${call.transferred} transferred, phase ${call.phase}${deadline}`
}

function otherFields(thread: Thread | undefined): Record<string, unknown> | undefined {
  if (thread === undefined) return undefined
  const { instance, entry, wait, trap } = thread
  return { instance, entry, wait, trap: trap?.reason ?? null }
}

function diffFrames(
  a: readonly Frame[] | undefined,
  b: readonly Frame[] | undefined,
): readonly FrameDifference[] {
  return pairs(a, b).flatMap(([inA, inB], depth) => {
    const locals = diffValues(inA?.locals, inB?.locals)
    const operands = diffValues(inA?.operands, inB?.operands)
    const isSame = inA?.function === inB?.function && inA?.pc === inB?.pc
    if (isSame && locals.length === 0 && operands.length === 0) return []
    return [
      {
        depth,
        function: { a: inA?.function ?? null, b: inB?.function ?? null },
        pc: { a: inA?.pc ?? null, b: inB?.pc ?? null },
        locals,
        operands,
      },
    ]
  })
}

/** Monotonic time and the CPU time of each thread. */
export function diffClocks(a: View, b: View): readonly FieldDifference[] {
  const clocks = (view: View): Record<string, unknown> => ({
    monotonicNs: view.monotonicNs,
    ...Object.fromEntries(view.threads.map(({ id, cpuNs }) => [`thread ${id} cpuNs`, cpuNs])),
  })
  return diffFields(clocks(a), clocks(b))
}
