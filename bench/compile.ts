import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { instrument } from '../src/core/aot/instrument.js'
import { findBuilt } from '../src/core/built.js'
import type { BenchContext } from './bench.js'
import { runToEnd } from './run-to-end.js'

const program = fileURLToPath(new URL('../build/Release/wasmsh-compiler', import.meta.url))

/** What machine code that can be stopped is held against. */
export const plainPeer = 'plain compiled code'

/** Says so when nothing can be compiled here. */
export function hasCompiler({ note }: BenchContext): boolean {
  const has = findBuilt('wasmsh-compiler').some((path) => existsSync(path))
  if (!has) note('compiled code is not measured: the compiler is not built (it needs LLVM 19)')
  return has
}

/** Machine code of a module as WAMR's own compiler makes it: the same program, LLVM, target and level
 *  as for ours, without the pass and the polls. Returns its file. */
export function compilePlain(wasm: string): string {
  const code = `${wasm}.aot`
  runToEnd(program, ['--stock', `--output=${code}`, wasm])
  return code
}

/** Does what the shell's process for it does, without starting Node. Returns the code's file. */
export async function compileSuspendable(wasm: string): Promise<string> {
  const input = `${wasm}.suspendable`
  const code = `${input}.aot`
  const { bytes, places } = instrument(await readFile(wasm), { twins: 'open' })
  await writeFile(input, bytes)
  await writeFile(`${input}.places`, places)
  const tables = [`--places=${input}.places`, `--traps=${input}.traps`]
  runToEnd(program, [...tables, `--output=${code}`, input])
  return code
}
