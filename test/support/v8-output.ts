import { v8 } from './v8.js'

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly _start: () => void
}

/** Runs a module that only calls fd_write in Node's own engine: what it writes to standard output
 *  and to standard error. */
export function outputOfV8(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const written = { 1: [] as Buffer[], 2: [] as Buffer[] }
  const instance = new v8.Instance(new v8.Module(bytes), {
    wasi_snapshot_preview1: {
      fd_write: (fd = 0, vectors = 0, count = 0, result = 0) => {
        if (fd !== 1 && fd !== 2) throw new Error(`the guest writes to descriptor ${fd}`)
        const { buffer } = exports.memory
        const memory = new DataView(buffer)
        let total = 0
        for (let at = vectors; at < vectors + 8 * count; at += 8) {
          const length = memory.getUint32(at + 4, true)
          const from = memory.getUint32(at, true)
          written[fd].push(Buffer.from(buffer.slice(from, from + length)))
          total += length
        }
        memory.setUint32(result, total, true)
        return 0
      },
    },
  })
  const exports = instance.exports as Exports
  exports._start()
  return [Buffer.concat(written[1]), Buffer.concat(written[2])]
}
