import { findCallCycles } from './call-cycles.js'
import type { CallGraph } from './call-graph.js'
import { IntList } from './int-list.js'
import { external, type ModuleLayout } from './module-layout.js'

/** Which functions with a body may be on the stack while a guest is suspended, counted from 0. */
export interface Suspendable {
  readonly isSuspendable: Uint8Array
  /** Has stable points and, if that is wanted, a twin: can be suspended, or is called by the host. A
   *  guest may stand at the beginning of the latter, with locals that somebody has changed. */
  readonly hasPoints: Uint8Array
  /** Polls where it begins: functions on a cycle of calls, and those that end in a tail call, which
   *  could go on without ever returning to a check. */
  readonly pollsAtEntry: Uint8Array
}

/**
 * A function is suspendable if it can take long by itself (a loop, a call of the host, an indirect
 * call, a wait), is on a cycle of calls, or calls a suspendable one. All others end within a number
 * of instructions that their text bounds.
 */
export function findSuspendable(graph: CallGraph, layout: ModuleLayout): Suspendable {
  const onCycle = findCallCycles(graph)
  const { functions, canTakeLong, hasTailCall } = graph
  const isSuspendable = canTakeLong.map((long, index) => long | (onCycle[index] ?? 0))
  spreadToCallers(graph, isSuspendable)
  const hasPoints = isSuspendable.slice()
  for (const index of hostCalled(layout)) hasPoints[index - layout.importedFunctions] = 1
  const pollsAtEntry = new Uint8Array(functions)
  for (let index = 0; index < functions; index++) {
    if (isSuspendable[index] === 1 && (onCycle[index] === 1 || hasTailCall[index] === 1)) {
      pollsAtEntry[index] = 1
    }
  }
  return { isSuspendable, hasPoints, pollsAtEntry }
}

/** Functions with a body that the host can call. */
function hostCalled({ exports, start, importedFunctions }: ModuleLayout): readonly number[] {
  const called = exports.filter(({ kind }) => kind === external.function).map(({ index }) => index)
  if (start !== undefined) called.push(start)
  return called.filter((index) => index >= importedFunctions)
}

function spreadToCallers(graph: CallGraph, marked: Uint8Array): void {
  const { firstCaller, callers } = reverse(graph)
  const waiting = new IntList()
  for (let index = 0; index < marked.length; index++) if (marked[index] === 1) waiting.push(index)
  while (waiting.length > 0) {
    const one = waiting.pop()
    const end = firstCaller[one + 1] ?? 0
    for (let at = firstCaller[one] ?? 0; at < end; at++) {
      const caller = callers[at] ?? 0
      if (marked[caller] === 1) continue
      marked[caller] = 1
      waiting.push(caller)
    }
  }
}

/** The callers of each function, one after the other. */
function reverse({ functions, first, callees }: CallGraph): {
  readonly firstCaller: Int32Array
  readonly callers: Int32Array
} {
  const firstCaller = new Int32Array(functions + 2)
  for (let at = 0; at < callees.length; at++) {
    const place = callees.at(at) + 2
    firstCaller[place] = (firstCaller[place] ?? 0) + 1
  }
  for (let index = 2; index < firstCaller.length; index++) {
    firstCaller[index] = (firstCaller[index] ?? 0) + (firstCaller[index - 1] ?? 0)
  }
  const callers = new Int32Array(callees.length)
  for (let caller = 0; caller < functions; caller++) {
    for (let at = first.at(caller); at < first.at(caller + 1); at++) {
      const place = callees.at(at) + 1
      const free = firstCaller[place] ?? 0
      callers[free] = caller
      firstCaller[place] = free + 1
    }
  }
  return { firstCaller, callers }
}
