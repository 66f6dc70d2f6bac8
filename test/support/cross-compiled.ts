/** Machine code of modules for other CPUs, as files for the test host. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { instrument } from '../../src/core/aot/instrument.js'
import { findBuilt } from '../../src/core/built.js'
import type { CrossCpu } from './cross-host.js'

const run = promisify(execFile)

export interface CodeOptions {
  /** Of optimization, 0 to 3. */
  readonly level?: number
}

/** Compiles a module with twins of all functions, into `directory`: code.aot, points.bin, build.json. */
export async function compileFor(
  cpu: CrossCpu | 'x86_64',
  module: Uint8Array,
  directory: string,
  { level = 3 }: CodeOptions = {},
): Promise<void> {
  const program = findBuilt('wasmsh-compiler').find((path) => existsSync(path))
  if (program === undefined) throw new Error('There is no compiler')
  mkdirSync(directory, { recursive: true })
  const { bytes, points, build } = instrument(module, { twins: 'all' })
  const input = join(directory, 'suspendable.wasm')
  writeFileSync(input, bytes)
  writeFileSync(join(directory, 'points.bin'), points)
  writeFileSync(join(directory, 'build.json'), JSON.stringify(build))
  const output = join(directory, 'code.aot')
  await run(program, [`--target=${cpu}`, `--level=${level}`, `--output=${output}`, input])
}
