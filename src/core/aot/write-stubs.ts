import { ByteWriter } from './byte-writer.js'
import { CodeEmitter } from './code-emitter.js'
import { hostImports, undoneBit } from './interface-names.js'
import { signatureOf } from './module-layout.js'
import { reload, Spiller } from './move-values.js'
import { op } from './opcodes.js'
import { mostSpilledAtOnce, type OutputPlan } from './output-plan.js'
import type { Signature } from './value-types.js'
import { type WaitShape, waitInstruction, waitSignature } from './waits.js'
import { writeHelper } from './write-function.js'

/**
 * The functions of the pass that stand for something of the host: a *stub* for each host function and
 * each shape of wait. A stub calls; when the host says that the call was not performed, because it is
 * to be begun again later, the stub spills a frame of its own that holds the arguments. So a call in
 * progress is a frame like any other, and the caller waits for it as for any other.
 */
export class StubWriter {
  readonly #emitter: CodeEmitter

  constructor(
    readonly plan: OutputPlan,
    readonly out: ByteWriter,
  ) {
    this.#emitter = new CodeEmitter(new ByteWriter(256), plan.types)
  }

  /** The stub of a host function. */
  hostStub(index: number): void {
    const signature = signatureOf(this.plan.layout, index)
    this.#stub(index, signature, () => this.#emitter.call(index))
  }

  waitStub(shape: WaitShape): void {
    this.#stub(this.plan.waitFrame(shape), waitSignature(shape.width), () => {
      const { out } = this.#emitter
      out.put(op.atomic, ...waitInstruction(shape.width))
      out.u32(shape.offset)
    })
  }

  /** The twin of a stub: takes the arguments from the frame and calls the stub. */
  stubTwin(stub: number, { params }: Signature): void {
    const { plan } = this
    const emitter = this.#emitter
    writeHelper(this.out, emitter, 0, (locals) => {
      emitter.call(plan.hostImport(hostImports.enter))
      emitter.out.byte(op.drop)
      for (const [slot, type] of params.entries()) {
        reload(emitter, plan, slot, locals.add(type), type)
      }
      for (let local = 0; local < params.length; local++) emitter.localGet(local)
      emitter.call(stub)
    })
  }

  /** The functions that hand frames and values to the host. */
  spillHelpers(): void {
    const { plan } = this
    const emitter = this.#emitter
    writeHelper(this.out, emitter, 2, () => {
      emitter.localGet(0)
      emitter.localGet(1)
      emitter.call(plan.hostImport(hostImports.frame))
    })
    for (let values = 1; values <= mostSpilledAtOnce; values++) {
      writeHelper(this.out, emitter, values, () => {
        for (let local = 0; local < values; local++) {
          emitter.localGet(local)
          emitter.call(plan.hostImport(hostImports.spill))
        }
      })
    }
  }

  /** Calls the twin of the frame that comes next: the host's way in. */
  resumeEntry(results: Uint8Array): void {
    const { plan } = this
    const emitter = this.#emitter
    writeHelper(this.out, emitter, 0, () => {
      emitter.call(plan.hostImport(hostImports.callee))
      emitter.out.byte(op.callIndirect)
      emitter.out.u32(plan.twinType({ results }))
      emitter.out.u32(plan.twinTable)
    })
  }

  #stub(frame: number, { params, results }: Signature, call: () => void): void {
    const { plan } = this
    const emitter = this.#emitter
    writeHelper(this.out, emitter, params.length, (locals) => {
      for (let local = 0; local < params.length; local++) emitter.localGet(local)
      call()
      const kept = Array.from(results, (type) => locals.add(type))
      for (const local of kept.toReversed()) emitter.localSet(local)
      emitter.globalGet(plan.unwindingGlobal)
      emitter.i32Const(undoneBit)
      emitter.out.byte(op.i32And)
      emitter.open(op.if)
      const spiller = new Spiller(emitter, plan)
      spiller.begin(frame, 0)
      for (const [local, type] of params.entries()) spiller.value(local, type)
      spiller.finish()
      emitter.zeros(results)
      emitter.return()
      emitter.close()
      for (const local of kept) emitter.localGet(local)
    })
  }
}
