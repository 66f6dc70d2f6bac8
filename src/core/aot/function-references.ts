import type { CallGraph } from './call-graph.js'
import type { ModuleLayout } from './module-layout.js'
import { funcref } from './value-types.js'

/** Says whether some function may have references to functions in locals or on its operand stack:
 *  only then does a module import the two functions that turn them into numbers and back. */
export function usesFunctionReferences(layout: ModuleLayout, graph: CallGraph): boolean {
  const inTypes = layout.types.some(
    ({ params, results }) => params.includes(funcref) || results.includes(funcref),
  )
  return inTypes || graph.usesFunctionReferences
}
