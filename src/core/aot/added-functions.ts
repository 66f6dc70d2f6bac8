import { ByteWriter } from './byte-writer.js'
import { signatureOf } from './module-layout.js'
import type { OutputPlan } from './output-plan.js'
import { mostSpilledAtOnce } from './output-plan.js'
import { type Accessor, writeAccessors } from './state-accessors.js'
import type { TwinList } from './twin-list.js'
import { i32, i64, type Signature } from './value-types.js'
import { waitSignature } from './waits.js'
import { StubWriter } from './write-stubs.js'

/** The functions that the pass adds behind the module's own, in the order of their indices: stubs,
 *  spill helpers, twins, entries. */
export class AddedFunctions {
  /** Type index of each. */
  readonly types: number[] = []
  readonly bodies = new ByteWriter(1 << 12)
  /** Result types of each entry; the first one's index is `firstEntry`. */
  readonly entries: readonly Uint8Array[]
  readonly firstEntry: number
  /** Functions that show the host its guest's globals; behind the entries. */
  readonly accessors: readonly Accessor[]

  /** `twinBodies` are the twins of the module's functions. */
  constructor(plan: OutputPlan, twins: TwinList, twinBodies: ByteWriter, exportState: boolean) {
    const { layout, graph, types } = plan
    const stubs = new StubWriter(plan, this.bodies)
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
    this.types.push(types.indexOf([i32, i32], []))
    for (let values = 1; values <= mostSpilledAtOnce; values++) {
      this.types.push(types.indexOf(new Array<number>(values).fill(i64), []))
    }
    this.firstEntry = plan.firstTwin + twins.functions.length
    this.entries = this.#addTwins(plan, twins, twinBodies, stubs)
    this.accessors = exportState ? writeAccessors(plan, this.bodies) : []
    this.types.push(...this.accessors.map(({ type }) => type))
  }

  /** Twins of host functions, of the module's functions and of waits, as their numbers ascend; then
   *  an entry for each list of results among them. */
  #addTwins(
    plan: OutputPlan,
    twins: TwinList,
    twinBodies: ByteWriter,
    stubs: StubWriter,
  ): readonly Uint8Array[] {
    const { layout, graph } = plan
    const { importedFunctions } = layout
    const functions = layout.functionTypes.length
    const results = new Map<number, Uint8Array>()
    const add = (signature: Signature): void => {
      const type = plan.twinType(signature)
      this.types.push(type)
      results.set(type, signature.results)
    }
    let copied = false
    const copyOnce = (): void => {
      if (!copied) this.bodies.append(twinBodies)
      copied = true
    }
    for (const index of twins.functions) {
      const wait = graph.waits[index - functions]
      if (index < importedFunctions) {
        const signature = signatureOf(layout, index)
        stubs.stubTwin(plan.functionIndex(index), signature)
        add(signature)
      } else if (wait !== undefined) {
        copyOnce()
        stubs.stubTwin(plan.waitStub(wait), waitSignature(wait.width))
        add(waitSignature(wait.width))
      } else {
        copyOnce()
        add(signatureOf(layout, index))
      }
    }
    for (const [type, list] of results) {
      stubs.resumeEntry(list)
      this.types.push(type)
    }
    return [...results.values()]
  }
}
