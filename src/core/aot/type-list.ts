import { ByteWriter } from './byte-writer.js'
import { emptyBlock, type Signature } from './value-types.js'

const functionForm = 0x60

/** The types of the output: those of the module under their indices, then what the pass adds. */
export class TypeList {
  readonly #indices = new Map<string, number>()
  readonly #added = new ByteWriter()
  #count: number
  readonly #original: number

  constructor(types: readonly Signature[]) {
    this.#count = types.length
    this.#original = types.length
    for (const [index, { params, results }] of types.entries()) {
      const key = keyOf(params, results)
      if (!this.#indices.has(key)) this.#indices.set(key, index)
    }
  }

  /** Index of a type, which is added if the module has none like it. */
  indexOf(params: ArrayLike<number>, results: ArrayLike<number>): number {
    const key = keyOf(params, results)
    const found = this.#indices.get(key)
    if (found !== undefined) return found
    this.#added.byte(functionForm)
    this.#added.vector(Uint8Array.from(params))
    this.#added.vector(Uint8Array.from(results))
    this.#indices.set(key, this.#count)
    return this.#count++
  }

  /** Writes the block type of a block without parameters. */
  writeBlockType(out: ByteWriter, results: Uint8Array): void {
    if (results.length === 0) out.byte(emptyBlock)
    else if (results.length === 1) out.byte(results[0] ?? 0)
    else out.s32(this.indexOf([], results))
  }

  /** The type section: `original` are the entries of the module's own. */
  write(out: ByteWriter, original: Uint8Array): void {
    out.u32(this.#count)
    out.copy(original)
    out.append(this.#added)
  }

  get added(): number {
    return this.#count - this.#original
  }

  get count(): number {
    return this.#count
  }
}

function keyOf(params: ArrayLike<number>, results: ArrayLike<number>): string {
  return `${Array.from(params).join(',')}:${Array.from(results).join(',')}`
}
