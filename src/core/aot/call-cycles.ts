import type { CallGraph } from './call-graph.js'
import { IntList } from './int-list.js'

/**
 * Marks the functions that are on a cycle of direct calls: the strongly connected components of
 * more than one, and functions that call themselves. Tarjan's algorithm with a stack of its own,
 * linear in the number of calls.
 */
export function findCallCycles(graph: CallGraph): Uint8Array {
  const { functions, first, callees } = graph
  const onCycle = new Uint8Array(functions)
  const order = new Int32Array(functions)
  const lowest = new Int32Array(functions)
  const isOpen = new Uint8Array(functions)
  const next = new Int32Array(functions)
  const path = new IntList()
  const open = new IntList()
  let count = 0

  const enter = (one: number): void => {
    count++
    order[one] = count
    lowest[one] = count
    next[one] = first.at(one)
    isOpen[one] = 1
    path.push(one)
    open.push(one)
  }
  const lower = (one: number, to: number): void => {
    if (to < (lowest[one] ?? 0)) lowest[one] = to
  }
  const leave = (): void => {
    const one = path.pop()
    if (path.length > 0) lower(path.last(), lowest[one] ?? 0)
    if (lowest[one] !== order[one]) return
    const isMany = open.last() !== one
    let member: number
    do {
      member = open.pop()
      isOpen[member] = 0
      if (isMany) onCycle[member] = 1
    } while (member !== one)
  }

  for (let root = 0; root < functions; root++) {
    if (order[root] !== 0) continue
    enter(root)
    while (path.length > 0) {
      const one = path.last()
      const at = next[one] ?? 0
      if (at === first.at(one + 1)) {
        leave()
        continue
      }
      next[one] = at + 1
      const callee = callees.at(at)
      if (callee === one) onCycle[one] = 1
      if (order[callee] === 0) enter(callee)
      else if (isOpen[callee] === 1) lower(one, order[callee] ?? 0)
    }
  }
  return onCycle
}
