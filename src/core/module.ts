import type { StablePoints } from './aot/stable-points.js'
import { nativeCall, WasmshError } from './errors.js'
import type {
  FunctionDescription,
  ModuleDescription,
  ModuleImport,
  NativeModule,
} from './native.js'
import { didYouMean } from './near.js'
import { requireIndex } from './range.js'

/** A WebAssembly module that the engine has loaded and validated. */
export class Module {
  readonly description: ModuleDescription

  constructor(
    /** The engine's own object, for calls that need it. */
    readonly native: NativeModule,
    /** Digest of the bytes, hex. */
    readonly sha256: string,
    /** The file as it was given, for messages. */
    readonly file: string,
    /** The binary itself: a snapshot puts it into the store. */
    readonly bytes: Uint8Array,
  ) {
    this.description = nativeCall(() => native.describe())
  }

  /** The same module, called by another file's name. */
  named(file: string): Module {
    return new Module(this.native, this.sha256, file, this.bytes)
  }

  /** Imports that wasmsh does not provide, or provides with another type. */
  missingImports(): readonly ModuleImport[] {
    return this.description.imports.filter((one) => !one.provided)
  }

  /** Describes a function: types, locals with their names, size of its body. */
  function(index: number): FunctionDescription {
    return nativeCall(() => this.native.function(index))
  }

  /** Name of a function, or "#12" for one without. */
  functionName(index: number): string {
    const { name } = this.function(index)
    return name === '' ? `#${index}` : name
  }

  /**
   * Finds a function by name or as "#12" or 12.
   *
   * @throws WasmshError ERR_WASMSH_FUNCTION_UNKNOWN
   */
  findFunction(which: string | number): number {
    if (typeof which === 'number' || /^#?\d{1,10}$/.test(which)) {
      const index = Number(String(which).replace('#', ''))
      if (Number.isInteger(index) && index >= 0 && index < this.description.functionCount) {
        return index
      }
      const count = this.description.functionCount
      throw new WasmshError(
        'ERR_WASMSH_FUNCTION_UNKNOWN',
        `Function #${index} does not exist: the module has ${count} functions`,
      )
    }
    const index = nativeCall(() => this.native.findFunction(which.replace(/^\$/, '')))
    if (index >= 0) return index
    const exports = this.description.exports.filter(({ kind }) => kind === 'function')
    const hint = didYouMean(
      which,
      exports.map(({ name }) => name),
      'Name a function as in the name section or the exports, or by "#" and its index.',
    )
    throw new WasmshError('ERR_WASMSH_FUNCTION_UNKNOWN', `No function is named "${which}"`, {
      hint,
    })
  }

  /**
   * Finds a global by index or name.
   *
   * @throws WasmshError ERR_WASMSH_GLOBAL_UNKNOWN
   */
  findGlobal(which: number | string): number {
    const { globals } = this.description
    const index = typeof which === 'number' ? which : this.#globalIndex(which)
    if (Number.isInteger(index) && index >= 0 && index < globals.length) return index
    const names = globals.map(({ name }) => name).filter((name) => name !== '')
    throw new WasmshError(
      'ERR_WASMSH_GLOBAL_UNKNOWN',
      typeof which === 'number'
        ? `Global ${which} does not exist: the module has ${globals.length} globals`
        : `No global is named "${which}"`,
      { hint: didYouMean(String(which), names, 'List the globals with "globals".') },
    )
  }

  #globalIndex(name: string): number {
    const byName = this.description.globals.findIndex((global) => global.name === name)
    if (byName >= 0) return byName
    const exported = this.description.exports.find(
      (one) => one.kind === 'global' && one.name === name,
    )
    return exported?.index ?? -1
  }

  /**
   * Where compiled code of the module can stop and go on (docs/compiled-code.md). Goes over the whole
   * module each time; needs no compiler.
   *
   * @throws WasmshError ERR_WASMSH_MODULE_RESERVED_NAME for a module with names of ours
   */
  async stablePoints(): Promise<StablePoints> {
    const [{ instrument }, { StablePoints: Table }] = await Promise.all([
      import('./aot/instrument.js'),
      import('./aot/stable-points.js'),
    ])
    return new Table(instrument(this.bytes, { twins: 'none' }).points)
  }

  /** Decodes `count` instructions of a body, from the one at or behind `pc`. */
  disassemble(functionIndex: number, pc = 0, count = 0x7fffffff): readonly Instruction[] {
    const body = this.findFunction(functionIndex)
    const from = requireIndex(pc, 'A place')
    const most = requireIndex(count, 'A count')
    return nativeCall(() => this.native.disassemble(body, from, most))
  }
}

/** One instruction as text, at its byte offset from the function's first. */
export interface Instruction {
  readonly pc: number
  readonly text: string
}
