import { AddedFunctions } from './added-functions.js'
import { assembleModule } from './assemble-module.js'
import { type BuildDescription, describeBuild } from './build-description.js'
import { ByteWriter } from './byte-writer.js'
import { readCallGraph } from './call-graph.js'
import { FunctionDecoder } from './decode-function.js'
import { entryResults } from './entry-results.js'
import { FunctionCode } from './function-code.js'
import { FunctionContext } from './function-context.js'
import { FunctionPoints } from './function-points.js'
import { usesFunctionReferences } from './function-references.js'
import { Liveness } from './liveness.js'
import { definedFunctions } from './module-layout.js'
import { OutputPlan } from './output-plan.js'
import { PointTableWriter } from './point-table-writer.js'
import { readLayout } from './read-layout.js'
import { refuseReservedNames } from './reserved-names.js'
import { findSuspendable, type Suspendable } from './suspendable.js'
import { type TwinChoice, TwinList } from './twin-list.js'
import { writeNormal, writeTwin } from './write-function.js'

export interface InstrumentOptions {
  /** Which functions can be entered at a stable point. */
  readonly twins: TwinChoice
  /** Exports memory, mutable globals and tables under reserved names, for engines that show a host
   *  only what is exported. */
  readonly exportState?: boolean
  /**
   * With a list of twins: functions other than these only stand for those of the build with `open`.
   * Both builds have the same index spaces. This one is never instantiated: its twins are put into
   * the table of an instance of the other, once compiled (native/compiler).
   */
  readonly standIns?: boolean
}

/** A module that can be suspended, and what belongs to it. */
export interface SuspendableModule {
  /** Standard WebAssembly. */
  readonly bytes: Uint8Array
  /** The table of stable points; depends on the original module only. With `standIns` it has only
   *  those of the functions that have twins. */
  readonly points: Uint8Array
  readonly build: BuildDescription
}

/**
 * Makes a module suspendable at its stable points. The module has to be valid: whoever loads it has
 * validated it. Works function by function; needs about the output's size in memory.
 *
 * @throws WasmshError ERR_WASMSH_MODULE_RESERVED_NAME for a module with names of ours
 */
export function instrument(bytes: Uint8Array, options: InstrumentOptions): SuspendableModule {
  const layout = readLayout(bytes)
  refuseReservedNames(layout)
  const graph = readCallGraph(layout)
  const suspendable = findSuspendable(graph)
  const twins = new TwinList(options.twins, layout, graph, suspendable)
  const entries = options.twins === 'none' ? undefined : entryResults(layout, graph, suspendable)
  const plan = new OutputPlan(layout, graph, entries, usesFunctionReferences(layout, graph))
  const points = new PointTableWriter()
  const { exportState = false, standIns = false } = options
  const { normal, twinBodies } = writeFunctions(plan, suspendable, twins, points, standIns)
  const added = new AddedFunctions(plan, twins, twinBodies, exportState)
  const build = describeBuild(plan, twins, added)
  const output = assembleModule({ plan, added, build, exportState, normal, standIns })
  return { bytes: output, points: points.finish(layout, graph.waits), build }
}

interface WrittenFunctions {
  /** Entries of the code section for the module's own functions. */
  readonly normal: ByteWriter
  /** Twins of the module's functions, in the order of their table. */
  readonly twinBodies: ByteWriter
}

/** Goes over the functions, one at a time; with `standIns` over those that have twins. */
function writeFunctions(
  plan: OutputPlan,
  { isSuspendable, pollsAtEntry }: Suspendable,
  twins: TwinList,
  table: PointTableWriter,
  standIns: boolean,
): WrittenFunctions {
  const { layout } = plan
  const { importedFunctions } = layout
  const decoder = new FunctionDecoder(layout)
  const code = new FunctionCode()
  const points = new FunctionPoints()
  const liveness = new Liveness()
  const context = new FunctionContext(plan, code, points, liveness)
  const normal = new ByteWriter(layout.bytes.length)
  const twinBodies = new ByteWriter(1 << 16)
  const maySuspend = (callee: number): boolean =>
    callee < importedFunctions || isSuspendable[callee - importedFunctions] === 1
  for (let index = 0; index < definedFunctions(layout); index++) {
    if (standIns && !twins.has(importedFunctions + index)) continue
    decoder.decode(importedFunctions + index, code)
    points.number(code, maySuspend)
    const suspends = isSuspendable[index] === 1
    if (suspends) {
      liveness.analyse(code, points)
      table.add(context)
    }
    if (!standIns) writeNormal(context, normal, pollsAtEntry[index] === 1)
    if (suspends && twins.has(code.index)) {
      writeTwin(context, twinBodies, twins.pointsOf(code.index))
    }
  }
  return { normal, twinBodies }
}
