import { ByteReader, invalidModule } from './byte-reader.js'
import { BodyDecoder } from './decode-body.js'
import type { FunctionCode } from './function-code.js'
import { type ModuleLayout, signatureOf } from './module-layout.js'
import { OperandTypes } from './operand-types.js'

/** As many as any engine accepts in one function. */
const mostLocals = 50_000

/** Decodes functions of a valid module into events; keeps its arrays from one to the next. */
export class FunctionDecoder {
  readonly #layout: ModuleLayout
  readonly #operands = new OperandTypes()

  constructor(layout: ModuleLayout) {
    this.#layout = layout
  }

  /** Decodes the function of that index, which has a body, into `code`. */
  decode(functionIndex: number, code: FunctionCode): void {
    const { codes, importedFunctions, bytes } = this.#layout
    const body = 2 * (functionIndex - importedFunctions)
    const reader = new ByteReader(bytes, codes.at(body), codes.at(body + 1))
    code.reset(functionIndex)
    readLocals(reader, signatureOf(this.#layout, functionIndex).params, code)
    code.codeStart = reader.position
    this.#operands.clear()
    new BodyDecoder(this.#layout, code, this.#operands, reader).run()
    if (!reader.atEnd) throw invalidModule('a body goes on behind its end', reader.position)
  }
}

function readLocals(reader: ByteReader, params: Uint8Array, code: FunctionCode): void {
  for (const type of params) code.locals.push(type)
  code.paramCount = params.length
  const groups = reader.u32()
  for (let group = 0; group < groups; group++) {
    const count = reader.u32()
    const type = reader.byte()
    if (count > mostLocals - code.locals.length) {
      throw invalidModule(`function ${code.index} has over ${mostLocals} locals`, reader.position)
    }
    for (let one = 0; one < count; one++) code.locals.push(type)
  }
}
