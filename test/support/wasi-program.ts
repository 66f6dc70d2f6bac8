import { MiniWasi } from './mini-wasi.js'
import type { V8Host, V8Program } from './step-through.js'
import { type V8Memory, v8 } from './v8.js'

export interface WasiProgramOptions {
  readonly stdin?: string | Uint8Array
  readonly args?: readonly string[]
}

/** A WASI program with its input; the exports that are called are those of the preview. */
export function wasiProgram(bytes: Uint8Array, options: WasiProgramOptions = {}): V8Program {
  const names = v8.Module.imports(new v8.Module(bytes)).map(({ name }) => name)
  return {
    bytes,
    calls: [{ name: '_initialize' }, { name: '_start' }],
    host: () => hostOf(new MiniWasi(options), names),
  }
}

function hostOf(wasi: MiniWasi, names: readonly string[]): V8Host {
  return {
    imports: wasi.imports(names),
    attach: (exports) => {
      wasi.memory = exports['memory'] as V8Memory
    },
    outcome: () =>
      [wasi.output(1), wasi.output(2)].map((bytes) => bytes.toString('latin1')).join('\n'),
  }
}
