import { WasmshError } from '../errors.js'
import type { StartOptions } from '../guest/run-options.js'
import type { Module } from '../module.js'
import type { Manifest } from '../snapshot/manifest.js'
import { neededEngine } from '../snapshot/needed-engine.js'

/** What a guest is to run in when nobody says so: what the snapshot was taken in, as far as it is
 *  there. */
export function engineOf({ engine, needs }: Manifest): NonNullable<StartOptions['engine']> {
  if (needs.engine === 'aot') return 'aot'
  return engine === 'aot' ? 'auto' : 'interp'
}

/**
 * Refuses what a module that only compiled code can run cannot do.
 *
 * @throws WasmshError ERR_WASMSH_NEEDS_COMPILED_CODE, ERR_WASMSH_NEEDS_INTERPRETER
 */
export function requireCompiled(
  { file }: Module,
  engine: StartOptions['engine'],
  { pauseAt, counting }: StartOptions,
): void {
  if (engine === 'interp') {
    throw new WasmshError(
      'ERR_WASMSH_NEEDS_COMPILED_CODE',
      `${file} uses SIMD, which the interpreter cannot run`,
    )
  }
  if (pauseAt === undefined && counting !== true) return
  throw new WasmshError(
    'ERR_WASMSH_NEEDS_INTERPRETER',
    `Only the interpreter counts instructions, and it cannot run ${file}, which uses SIMD`,
  )
}

/**
 * Refuses to count the instructions of a program that the interpreter cannot run.
 *
 * @throws WasmshError ERR_WASMSH_NEEDS_INTERPRETER
 */
export function requireCountable(module: Module): void {
  if (neededEngine(module) !== 'aot') return
  throw new WasmshError(
    'ERR_WASMSH_NEEDS_INTERPRETER',
    `Only the interpreter counts instructions, and it cannot run ${module.file}, which uses SIMD`,
    { hint: 'Pause the program while it runs, and store and recover it by hand.' },
  )
}

/**
 * Refuses to count visits in compiled code, which looks at the request word at fewer points than there
 * are.
 *
 * @throws WasmshError ERR_WASMSH_NEEDS_INTERPRETER
 */
export function requireProfilable(module: Module, engine: StartOptions['engine']): void {
  if (engine === 'aot') {
    throw new WasmshError(
      'ERR_WASMSH_NEEDS_INTERPRETER',
      'Only the interpreter counts the visits of stable points',
      { hint: 'Leave out --profile, or --engine aot.' },
    )
  }
  if (neededEngine(module) !== 'aot') return
  throw new WasmshError(
    'ERR_WASMSH_NEEDS_INTERPRETER',
    `Only the interpreter counts the visits of stable points, and it cannot run ${module.file}, which uses SIMD`,
    { hint: 'Leave out --profile.' },
  )
}
