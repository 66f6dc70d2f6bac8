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
  /** The table of twins, and for each of its elements the function that it stands for. */
  readonly twinTable: number | null
  readonly twins: readonly number[]
  /** Exports that rebuild a stack, by the result types of its outermost function. */
  readonly entries: readonly { readonly results: readonly string[]; readonly export: string }[]
}

export function describeBuild(
  plan: OutputPlan,
  twins: TwinList,
  added: AddedFunctions,
  withTwins: boolean,
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
    twinTable: withTwins ? plan.twinTable : null,
    twins: twins.functions,
    entries: added.entries.map((types) => {
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
