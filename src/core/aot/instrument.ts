import { AddedFunctions } from './added-functions.js'
import { assembleModule } from './assemble-module.js'
import { type BuildDescription, describeBuild } from './build-description.js'
import { ByteWriter } from './byte-writer.js'
import { readCallGraph } from './call-graph.js'
import { writeNoPlaces } from './code-places.js'
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
import { type WrittenCode, writeNormal, writeTwin } from './write-function.js'

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
  /** Which instruction of the original module each of these comes from, for a compiler that wants to
   *  tell where code traps: see native/compiler/code_places.h. Empty with `standIns`. */
  readonly places: Uint8Array
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
  const suspendable = findSuspendable(graph, layout)
  const twins = new TwinList(options.twins, layout, graph, suspendable)
  const entries = options.twins === 'none' ? undefined : entryResults(layout, graph, suspendable)
  const plan = new OutputPlan(layout, graph, entries, usesFunctionReferences(layout, graph))
  const points = new PointTableWriter()
  const { exportState = false, standIns = false } = options
  const { normal, twinCode } = writeFunctions(plan, suspendable, twins, points, standIns)
  const added = new AddedFunctions(plan, twins, twinCode.bodies, exportState)
  const build = describeBuild(plan, twins, added)
  return {
    bytes: assembleModule({ plan, added, build, exportState, normal: normal.bodies, standIns }),
    points: points.finish(layout, graph.waits),
    places: standIns ? new Uint8Array(0) : assemblePlaces(plan, twins, normal, twinCode, added),
    build,
  }
}

interface WrittenFunctions {
  /** The module's own functions. */
  readonly normal: WrittenCode
  /** Twins of the module's functions, in the order of their table. */
  readonly twinCode: WrittenCode
}

/** Puts the places of all functions with a body together, in the order of their indices. */
function assemblePlaces(
  { layout, shift }: OutputPlan,
  { functions: twins }: TwinList,
  normal: WrittenCode,
  twinCode: WrittenCode,
  added: AddedFunctions,
): Uint8Array {
  const { importedFunctions } = layout
  const out = new ByteWriter(normal.places.length + twinCode.places.length + 1024)
  const none = (count: number): void => {
    for (let one = 0; one < count; one++) writeNoPlaces(out)
  }
  const ofHost = twins.filter((index) => index < importedFunctions).length
  const own = twins.filter(
    (index) => index >= importedFunctions && index < layout.functionTypes.length,
  ).length
  const behind = importedFunctions + shift + definedFunctions(layout)
  const front = added.firstTwin - behind + ofHost
  out.u32(definedFunctions(layout) + added.types.length)
  out.append(normal.places)
  none(front)
  out.append(twinCode.places)
  none(added.types.length - front - own)
  return out.view().slice()
}

/** Goes over the functions, one at a time; with `standIns` over those that have twins. */
function writeFunctions(
  plan: OutputPlan,
  { isSuspendable, hasPoints, pollsAtEntry }: Suspendable,
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
  const normal = { bodies: new ByteWriter(layout.bytes.length), places: new ByteWriter(1 << 16) }
  const twinCode = { bodies: new ByteWriter(1 << 16), places: new ByteWriter(1 << 12) }
  const maySuspend = (callee: number): boolean =>
    callee < importedFunctions || isSuspendable[callee - importedFunctions] === 1
  for (let index = 0; index < definedFunctions(layout); index++) {
    if (standIns && !twins.has(importedFunctions + index)) continue
    decoder.decode(importedFunctions + index, code)
    points.number(code, maySuspend)
    if (hasPoints[index] === 1) {
      liveness.analyse(code, points)
      table.add(context)
    }
    if (!standIns) writeNormal(context, normal, pollsAtEntry[index] === 1)
    if (twins.has(code.index)) writeTwin(context, twinCode, twins.pointsOf(code.index))
  }
  return { normal, twinCode }
}
