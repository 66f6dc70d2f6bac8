import type { AddedFunctions } from './added-functions.js'
import { resumeExport } from './interface-names.js'
import { mostSpilledAtOnce, type OutputPlan } from './output-plan.js'
import type { TwinList } from './twin-list.js'
import { valueTypeName } from './value-types.js'

/** What a build of a suspendable module has at which index. Plain data: kept beside the module. */
export interface BuildDescription {
  /** Functions of the original module, and those among them that it imports. */
  readonly functions: number
  readonly importedFunctions: number
  /** Imports that were added behind the module's own: functions with a body have moved by as much. */
  readonly addedImports: number
  /** Kinds of waits, for each of which there is a stub. */
  readonly waits: number
  /** Globals that a compiler turns into loads of one word that the host can set at any time. */
  readonly pollGlobal: number
  readonly unwindingGlobal: number
  /** Functions that only run while a stack is spilled: never inline them. */
  readonly spillHelpers: readonly number[]
  /** The table of twins, how many places it has, and for each of the first of them the function that
   *  its twin stands for. */
  readonly twinTable: number | null
  readonly twinPlaces: number
  readonly twins: readonly number[]
  /** The points at which each of them can be entered, ascending; null for all. */
  readonly twinPoints: readonly (readonly number[] | null)[]
  /** The first twin; all functions in front of it are alike in builds with other twins. */
  readonly firstTwin: number
  /** As many types are the same in them, too. */
  readonly sharedTypes: number
  /** Exports that rebuild a stack, by the result types of its outermost function. */
  readonly entries: readonly { readonly results: readonly string[]; readonly export: string }[]
}

export function describeBuild(
  plan: OutputPlan,
  twins: TwinList,
  added: AddedFunctions,
): BuildDescription {
  const { layout, graph } = plan
  return {
    functions: layout.functionTypes.length,
    importedFunctions: layout.importedFunctions,
    addedImports: plan.shift,
    waits: graph.waits.length,
    pollGlobal: plan.pollGlobal,
    unwindingGlobal: plan.unwindingGlobal,
    spillHelpers: Array.from({ length: mostSpilledAtOnce + 1 }, (_, k) => plan.frameHelper + k),
    twinTable: plan.entries === undefined ? null : plan.twinTable,
    twinPlaces: twins.places,
    twins: twins.functions,
    twinPoints: twins.functions.map((index) => {
      const points = twins.pointsOf(index)
      return points === undefined ? null : [...points].sort((a, b) => a - b)
    }),
    firstTwin: added.firstTwin,
    sharedTypes: plan.sharedTypes,
    entries: (plan.entries ?? []).map((types) => {
      const results = Array.from(types, (type) => valueTypeName(type) ?? '')
      return { results, export: resumeExport(results) }
    }),
  }
}

/**
 * The original function that a function of the build is, as tables and traps of the running module
 * name it: stubs are the host functions that they call. Undefined for functions of the pass.
 */
export function originalFunction(build: BuildDescription, index: number): number | undefined {
  const { functions, importedFunctions, addedImports, waits } = build
  if (index < importedFunctions) return index
  const firstStub = functions + addedImports
  if (index < importedFunctions + addedImports) return undefined
  if (index < firstStub) return index - addedImports
  const stub = index - firstStub
  if (stub < importedFunctions) return stub
  return stub < importedFunctions + waits ? functions + stub - importedFunctions : undefined
}

/** The reverse: what a table holds for an original function. */
export function builtFunction(build: BuildDescription, original: number): number {
  const { functions, importedFunctions, addedImports } = build
  if (original < importedFunctions) return functions + addedImports + original
  return original + addedImports
}
