import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { WASI } from 'node:wasi'
import { loadNative } from '../../src/core/native.js'
import { type WasiArgument, type WasiTarget, wasiTargetBytes } from '../../src/index.js'
import { v8 } from './v8.js'
import { compileWat } from './wat.js'

/** Node's own WASI, which is uvwasi. */
export interface Uvwasi extends WasiTarget, Disposable {}

type Call = (...args: readonly WasiArgument[]) => number
type Exports = { readonly memory: WasiTarget['memory'] } & { readonly [name: string]: Call }

/** Errno of preview 1: the call is not there. */
const nosys = 52
const module = 'wasi_snapshot_preview1'
/** Descriptor of the first directory that a guest is given. */
const firstPreopen = 3

/**
 * Opens uvwasi over a directory "/data". Its standard output and error are files beside the streams'
 * names: what is written there can be read in them.
 */
export async function openUvwasi(
  directory: string,
  streams: string,
  mostBytes: number,
): Promise<Uvwasi> {
  const fds = [
    openSync('/dev/null', 'r'),
    openSync(join(streams, 'stdout'), 'w+'),
    openSync(join(streams, 'stderr'), 'w+'),
  ] as const
  const wasi = new WASI({
    version: 'preview1',
    preopens: { '/data': directory },
    stdin: fds[0],
    stdout: fds[1],
    stderr: fds[2],
  })
  const text = reexport(Math.ceil(wasiTargetBytes(mostBytes) / 65_536))
  const compiled = new v8.Module(await compileWat(text))
  const instance = new v8.Instance(compiled, wasi.getImportObject() as never)
  wasi.initialize(instance)
  const { memory, ...calls } = instance.exports as Exports
  return {
    memory,
    call: (name, args) => calls[name]?.(...args) ?? nosys,
    descriptors: new Map([0, 1, 2, firstPreopen].map((fd) => [fd, fd])),
    [Symbol.dispose]: () => {
      for (const fd of fds) closeSync(fd)
    },
  }
}

/** A module that exports everything that it imports, and a memory. */
function reexport(pages: number): string {
  const type = (letter: string): string => (letter === 'I' ? 'i64' : 'i32')
  const functions = loadNative()
    .hostCalls()
    .filter((call) => call.module === module)
    .map(({ name, signature }) => {
      const [, parameters = '', result = ''] = /^\((\w*)\)(\w?)$/.exec(signature) ?? []
      const given = [...parameters].map((letter) => ` (param ${type(letter)})`).join('')
      const gives = result === '' ? '' : ` (result ${type(result)})`
      return `(import "${module}" "${name}" (func $${name}${given}${gives}))
        (export "${name}" (func $${name}))`
    })
  const imports = functions.map((one) => one.split('\n')[0]).join('\n')
  const exports = functions.map((one) => one.split('\n')[1]).join('\n')
  return `(module ${imports} (memory (export "memory") ${pages}) ${exports})`
}
