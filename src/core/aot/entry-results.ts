import type { CallGraph } from './call-graph.js'
import { definedFunctions, type ModuleLayout, signatureOf } from './module-layout.js'
import type { Suspendable } from './suspendable.js'
import { i32 } from './value-types.js'

/** The lists of result types that frames can have, each once: for each there is a way in for the host
 *  to have a stack rebuilt. They depend on the module alone. */
export function entryResults(
  layout: ModuleLayout,
  graph: CallGraph,
  { hasPoints }: Suspendable,
): readonly Uint8Array[] {
  const { importedFunctions } = layout
  const lists = new Map<string, Uint8Array>()
  const add = (results: Uint8Array): void => {
    const key = results.join()
    if (!lists.has(key)) lists.set(key, results)
  }
  for (let index = 0; index < importedFunctions; index++) add(signatureOf(layout, index).results)
  for (let index = 0; index < definedFunctions(layout); index++) {
    if (hasPoints[index] === 1) add(signatureOf(layout, importedFunctions + index).results)
  }
  if (graph.waits.length > 0) add(Uint8Array.of(i32))
  return [...lists.values()]
}
