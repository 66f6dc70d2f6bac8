import { FunctionDecoder } from './decode-function.js'
import { eventKind, FunctionCode } from './function-code.js'
import { IntList } from './int-list.js'
import { definedFunctions, type ModuleLayout } from './module-layout.js'
import { funcref } from './value-types.js'
import { type WaitShape, waitShape } from './waits.js'

/** Who calls whom, among the functions with a body; these are counted from 0 here. */
export interface CallGraph {
  readonly functions: number
  /** Place in `callees` of the first callee of each function, and of the end of the last. */
  readonly first: IntList
  readonly callees: IntList
  /** Contains a loop that is repeated, or a call of which nobody knows how long it takes: of the
   *  host, indirect, a wait. */
  readonly canTakeLong: Uint8Array
  readonly hasTailCall: Uint8Array
  readonly waits: readonly WaitShape[]
  /** Some function keeps references to functions in locals or on its stack. */
  usesFunctionReferences: boolean
  readonly growth: Growth
}

/** What of a module's state is ever asked for its size or made larger: an engine may lay the rest
 *  out so that it cannot be. */
export interface Growth {
  memory: boolean
  readonly tables: Set<number>
}

/** Reads every body once. */
export function readCallGraph(layout: ModuleLayout): CallGraph {
  const functions = definedFunctions(layout)
  const waits = new Map<string, WaitShape>()
  const graph: CallGraph = {
    functions,
    first: new IntList(functions + 1),
    callees: new IntList(4 * functions),
    canTakeLong: new Uint8Array(functions),
    hasTailCall: new Uint8Array(functions),
    waits: [],
    usesFunctionReferences: false,
    growth: { memory: false, tables: new Set() },
  }
  const decoder = new FunctionDecoder(layout)
  const code = new FunctionCode()
  graph.first.push(0)
  for (let index = 0; index < functions; index++) {
    decoder.decode(layout.importedFunctions + index, code)
    addFunction(graph, index, code, layout.importedFunctions, waits)
    graph.first.push(graph.callees.length)
  }
  return { ...graph, waits: [...waits.values()] }
}

function addFunction(
  graph: CallGraph,
  index: number,
  code: FunctionCode,
  imported: number,
  waits: Map<string, WaitShape>,
): void {
  const { canTakeLong, hasTailCall, callees, growth } = graph
  if (code.usesMemorySize) growth.memory = true
  for (const table of code.grownTables) growth.tables.add(table)
  if (code.locals.includes(funcref) || code.types.includes(funcref)) {
    graph.usesFunctionReferences = true
  }
  for (let event = 0; event < code.events; event++) {
    const kind = code.kind.at(event)
    const a = code.a.at(event)
    switch (kind) {
      case eventKind.loop:
        if (code.extra.at(event) > 0) canTakeLong[index] = 1
        break
      case eventKind.call:
      case eventKind.returnCall:
        if (a < imported) canTakeLong[index] = 1
        else callees.push(a - imported)
        if (kind === eventKind.returnCall) hasTailCall[index] = 1
        break
      case eventKind.returnCallIndirect:
        hasTailCall[index] = 1
        canTakeLong[index] = 1
        break
      case eventKind.callIndirect:
        canTakeLong[index] = 1
        break
      case eventKind.wait: {
        canTakeLong[index] = 1
        const shape = waitShape(a, code.b.at(event))
        waits.set(`${a} ${shape.offset}`, shape)
        break
      }
    }
  }
}
