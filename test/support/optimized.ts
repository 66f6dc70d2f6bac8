import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryDirectory } from './temporary-directory.js'
import { npmPackage, type Program } from './toolchains.js'

const binaryenVersion = '132.0.0'
const run = promisify(execFile)

/** wasm-opt of Binaryen: path of the script, or why it cannot be had. */
export function wasmOpt(): Promise<Program> {
  return npmPackage('binaryen', binaryenVersion).then(
    (folder) => ({ module: join(folder, 'bin', 'wasm-opt') }),
    (error: unknown) => ({ missing: `wasm-opt cannot be had: ${String(error).split('\n')[0]}` }),
  )
}

/** What the pass knows, and no more: newer encodings of the same things would be refused. */
const features = [
  '--mvp-features',
  ...[
    'bulk-memory',
    'multivalue',
    'mutable-globals',
    'nontrapping-float-to-int',
    'reference-types',
    'sign-ext',
    'simd',
    'tail-call',
  ].map((name) => `--enable-${name}`),
]

/** A module as wasm-opt -O3 leaves it: with typed blocks, ifs and values under blocks, which clang
 *  does not write. */
export async function optimized(script: string, module: Uint8Array): Promise<Uint8Array> {
  await using folder = await temporaryDirectory()
  const from = join(folder.path, 'from.wasm')
  const to = join(folder.path, 'to.wasm')
  await writeFile(from, module)
  await run(process.execPath, [script, '-O3', ...features, '-o', to, from])
  return readFile(to)
}
