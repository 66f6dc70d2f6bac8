import { MiniWasi } from './mini-wasi.js'
import { type V8Memory, v8 } from './v8.js'

/** Runs a module that only calls fd_write in Node's own engine: what it writes to standard output
 *  and to standard error. */
export function outputOfV8(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const wasi = new MiniWasi()
  const { exports } = new v8.Instance(new v8.Module(bytes), wasi.imports(['fd_write']))
  wasi.memory = exports['memory'] as V8Memory
  const start = exports['_start'] as () => void
  start()
  return [wasi.output(1), wasi.output(2)]
}
