import { WasmshError } from '../errors.js'
import type { StartOptions } from '../guest/run-options.js'
import type { Module } from '../module.js'
import type { NativeCompiled } from '../native.js'
import type { EngineName, Manifest } from '../snapshot/manifest.js'
import type { StartContext } from './run.js'

/** What a guest is to run in when nobody says so: what the snapshot was taken in, as far as it is
 *  there. */
export function engineOf({ engine, needs }: Manifest): NonNullable<StartOptions['engine']> {
  if (needs.engine === 'aot') return 'aot'
  return engine === 'aot' ? 'auto' : 'interp'
}

/** What a snapshot of a module's guest says of engines. */
export function neededEngine({ description }: Module): Manifest['needs']['engine'] {
  return description.usesSimd ? 'aot' : 'any'
}

/** The engine of a guest, as manifests name it. */
export function engineName(compiled: NativeCompiled | null): EngineName {
  return compiled === null ? 'interp' : 'aot'
}

/**
 * Machine code, where it is asked for; with "auto", where it is there or nothing else can run the
 * module.
 *
 * @throws WasmshError ERR_WASMSH_NEEDS_COMPILED_CODE, ERR_WASMSH_NEEDS_INTERPRETER, and those of the
 *   compiler
 */
export async function compiledFor(
  { compiler }: StartContext,
  module: Module,
  options: StartOptions,
  unsaid: NonNullable<StartOptions['engine']> = 'interp',
): Promise<NativeCompiled | null> {
  const { engine = unsaid, onCompile, onInterpreted } = options
  const isCompiledOnly = neededEngine(module) === 'aot'
  if (isCompiledOnly) requireCompiled(module, engine, options)
  if (engine === 'auto' && !isCompiledOnly) {
    const found = await compiler.find(module)
    if (found.compiled === null) onInterpreted?.(found.reason, found.message)
    return found.compiled
  }
  if (engine === 'interp') return null
  return await compiler.load(module, onCompile === undefined ? {} : { onPhase: onCompile })
}

function requireCompiled(
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
