import { ByteWriter } from './byte-writer.js'
import { definedFunctions, signatureOf } from './module-layout.js'
import type { OutputPlan } from './output-plan.js'
import { type Accessor, writeAccessors } from './state-accessors.js'
import type { TwinList } from './twin-list.js'
import { waitSignature } from './waits.js'
import { StubWriter } from './write-stubs.js'

/** The functions that the pass adds behind the module's own, in the order of their indices: stubs,
 *  spill helpers, entries, accessors, twins. */
export class AddedFunctions {
  /** Type index of each. */
  readonly types: number[] = []
  /** Bodies of those in front of the twins, and of the twins. */
  readonly fixed = new ByteWriter(1 << 12)
  readonly twins = new ByteWriter(1 << 12)
  readonly firstTwin: number
  /** Functions that show the host its guest's globals; behind the entries. */
  readonly accessors: readonly Accessor[]

  /** `twinBodies` are the twins of the module's functions. */
  constructor(
    readonly plan: OutputPlan,
    twins: TwinList,
    twinBodies: ByteWriter,
    exportState: boolean,
  ) {
    this.#addFixed(new StubWriter(plan, this.fixed))
    this.accessors = exportState ? writeAccessors(plan, this.fixed) : []
    this.types.push(...this.accessors.map(({ type }) => type))
    const { layout } = plan
    this.firstTwin =
      layout.importedFunctions + plan.shift + definedFunctions(layout) + this.types.length
    this.#addTwins(twins, twinBodies, new StubWriter(plan, this.twins))
  }

  /** Stubs, spill helpers and entries. */
  #addFixed(stubs: StubWriter): void {
    const { plan } = this
    const { layout, graph, types } = plan
    for (let index = 0; index < layout.importedFunctions; index++) {
      stubs.hostStub(index)
      this.types.push(layout.functionTypes.at(index))
    }
    for (const wait of graph.waits) {
      stubs.waitStub(wait)
      const { params, results } = waitSignature(wait.width)
      this.types.push(types.indexOf(params, results))
    }
    stubs.spillHelpers()
    this.types.push(...plan.helperTypes)
    for (const results of plan.entries ?? []) {
      stubs.resumeEntry(results)
      this.types.push(plan.twinType({ results }))
    }
  }

  /** Twins of host functions, of the module's functions and of waits, as their numbers ascend. */
  #addTwins(twins: TwinList, twinBodies: ByteWriter, stubs: StubWriter): void {
    const { plan } = this
    const { layout, graph } = plan
    const { importedFunctions } = layout
    const functions = layout.functionTypes.length
    let copied = false
    const copyOnce = (): void => {
      if (!copied) this.twins.append(twinBodies)
      copied = true
    }
    for (const index of twins.functions) {
      const wait = graph.waits[index - functions]
      if (index < importedFunctions) {
        const signature = signatureOf(layout, index)
        stubs.stubTwin(plan.functionIndex(index), signature)
        this.types.push(plan.twinType(signature))
      } else if (wait !== undefined) {
        copyOnce()
        const signature = waitSignature(wait.width)
        stubs.stubTwin(plan.waitStub(wait), signature)
        this.types.push(plan.twinType(signature))
      } else {
        copyOnce()
        this.types.push(plan.twinType(signatureOf(layout, index)))
      }
    }
    copyOnce()
  }
}
