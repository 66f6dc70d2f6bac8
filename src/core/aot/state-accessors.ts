import { ByteWriter } from './byte-writer.js'
import { CodeEmitter } from './code-emitter.js'
import { stateExports } from './interface-names.js'
import { writeBits, writeFromBits } from './move-values.js'
import { op } from './opcodes.js'
import type { OutputPlan } from './output-plan.js'
import { isReference } from './stack-effects.js'
import { i64, v128 } from './value-types.js'
import { writeHelper } from './write-function.js'

/** A function that the host calls to get at a global. */
export interface Accessor {
  readonly name: string
  readonly type: number
}

/** Writes two functions for each mutable global that is no reference. */
export function writeAccessors(plan: OutputPlan, out: ByteWriter): Accessor[] {
  const { layout, types } = plan
  const emitter = new CodeEmitter(new ByteWriter(64), types)
  const accessors: Accessor[] = []
  for (const [index, type] of layout.globalTypes.entries()) {
    if (layout.globalIsMutable[index] !== true || isReference(type)) continue
    const bits = type === v128 ? [i64, i64] : [i64]
    const global = (opcode: number): void => {
      emitter.out.byte(opcode)
      emitter.out.u32(index)
    }
    writeHelper(out, emitter, 0, () => writeBits(emitter.out, type, () => global(op.globalGet)))
    accessors.push({ name: stateExports.readGlobal(index), type: types.indexOf([], bits) })
    writeHelper(out, emitter, bits.length, () => {
      const local = (number: number) => (): void => emitter.localGet(number)
      writeFromBits(emitter.out, type, local(0), local(1))
      global(op.globalSet)
    })
    accessors.push({ name: stateExports.writeGlobal(index), type: types.indexOf(bits, []) })
  }
  return accessors
}
