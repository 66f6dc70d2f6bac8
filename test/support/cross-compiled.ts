/** Machine code of modules for other CPUs, as directories for the test host. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { instrument } from '../../src/core/aot/instrument.js'
import { StablePoints } from '../../src/core/aot/stable-points.js'
import { findBuilt } from '../../src/core/built.js'
import { chooseTwins } from '../../src/core/compile/choose-twins.js'
import { CodeCache } from '../../src/core/compile/code-cache.js'
import { twinsKey } from '../../src/core/compile/code-key.js'
import type { CodeTwins } from '../../src/core/compile/compile-job.js'
import { compileInProcess } from '../../src/core/compile/compile-process.js'
import { type CompileTarget, requireTarget } from '../../src/core/compile/target.js'
import { storePaths } from '../../src/core/paths.js'
import type { Shell } from '../../src/index.js'
import type { CrossCpu } from './cross-host.js'

const run = promisify(execFile)

export interface CodeOptions {
  /** The shell's, which has the cache. */
  readonly home: string
  /** Of optimization, 0 to 3; 3 is what wasmsh itself has. */
  readonly level?: number | undefined
  readonly twins?: CodeTwins
}

function compilerProgram(): string {
  const program = findBuilt('wasmsh-compiler').find((path) => existsSync(path))
  if (program === undefined) throw new Error('There is no compiler')
  return program
}

/** Compiles a module with twins of all functions, into `directory`: code.aot, points.bin, build.json,
 *  traps.bin. */
export async function compileFor(
  cpu: CrossCpu,
  module: Uint8Array,
  directory: string,
  level = 3,
): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const { bytes, places, points, build } = instrument(module, { twins: 'all' })
  const file = (name: string): string => join(directory, name)
  writeFileSync(file('suspendable.wasm'), bytes)
  writeFileSync(file('places.bin'), places)
  writeFileSync(file('points.bin'), points)
  writeFileSync(file('build.json'), JSON.stringify(build))
  await run(compilerProgram(), [
    `--target=${cpu}`,
    `--level=${level}`,
    `--places=${file('places.bin')}`,
    `--traps=${file('traps.bin')}`,
    `--output=${file('code.aot')}`,
    file('suspendable.wasm'),
  ])
}

/** Code of one module for another CPU, and twins for it when they are asked for. */
export class CodeThere {
  readonly #target: CompileTarget
  readonly #module: string
  readonly #points: StablePoints
  readonly #cache: CodeCache

  private constructor(
    home: string,
    target: CompileTarget,
    module: string,
    readonly directory: string,
  ) {
    this.#target = target
    this.#module = module
    this.#points = new StablePoints(readFileSync(join(directory, 'points.bin')))
    this.#cache = new CodeCache(storePaths(home))
  }

  /** @param folder for files that are needed as long as the code */
  static async make(
    shell: Shell,
    cpu: CrossCpu,
    module: Uint8Array,
    folder: string,
    { home, level, twins = 'all' }: CodeOptions,
  ): Promise<CodeThere> {
    const target = requireTarget(cpu)
    const file = join(folder, 'compiled.wasm')
    writeFileSync(file, module)
    if (level === undefined) {
      const { directory } = await shell.compile(module, { target, twins })
      return new CodeThere(home, target, file, directory)
    }
    const directory = join(folder, 'code')
    await compileFor(cpu, module, directory, level)
    return new CodeThere(home, target, file, directory)
  }

  /** Makes twins as wasmsh does when a guest asks for them; gives their directory. */
  async twins(frames: readonly (readonly [number, number])[]): Promise<string> {
    const asked = frames.map(([index, point]) => ({ function: index, point }))
    const twins = chooseTwins(asked, this.#points, [])
    const key = twinsKey(basename(this.directory), twins, false)
    if ((await this.#cache.get(key)) === undefined) {
      const job = {
        program: compilerProgram(),
        module: this.#module,
        target: this.#target,
        twins,
        isQuick: false,
        hotLoops: [],
      }
      const origin = { module: '', file: this.#module, target: this.#target }
      await this.#cache.make(key, origin, (directory) => compileInProcess({ ...job, directory }))
    }
    return this.#cache.directory(key)
  }
}
