import { fromNative } from '../errors.js'
import { GuestCode } from '../guest/guest-code.js'
import type { StartOptions } from '../guest/run-options.js'
import type { Module } from '../module.js'
import type { NativeCompiled } from '../native.js'
import { neededEngine } from '../snapshot/needed-engine.js'
import { requireCompiled } from './engine-choice.js'
import type { StartContext } from './run.js'

/** What a guest begins with of machine code, and who makes more of it. */
export interface CodePlan {
  readonly guestCode: GuestCode | null
  readonly settings: {
    readonly compiled: NativeCompiled | null
    readonly mayCross: boolean
    readonly awaitsTwins: boolean
  }
}

/** How the guest begins: recovered or not, and in which engine when nobody says so. */
export interface Beginning {
  readonly isRecovery: boolean
  readonly unsaid: NonNullable<StartOptions['engine']>
}

const interpreted: CodePlan = {
  guestCode: null,
  settings: { compiled: null, mayCross: false, awaitsTwins: false },
}

/**
 * Finds machine code where it is asked for. What has to be made first is made here: for a program
 * that begins with "aot", and for what nothing else can run. All else is made while the guest is
 * interpreted.
 *
 * @throws WasmshError ERR_WASMSH_NEEDS_COMPILED_CODE, ERR_WASMSH_NEEDS_INTERPRETER, and as
 *   Compiler.load
 */
export async function codeFor(
  { compiler }: Pick<StartContext, 'compiler'>,
  module: Module,
  options: StartOptions,
  { isRecovery, unsaid }: Beginning,
): Promise<CodePlan> {
  const { engine = unsaid, twins, waitForCode = false, onInterpreted } = options
  const isCompiledOnly = neededEngine(module) === 'aot'
  if (isCompiledOnly) requireCompiled(module, engine, options)
  if (engine === 'interp') return interpreted
  const found = await compiler.find(module, twins)
  let { code } = found
  if (found.code === null) {
    const canBeMade = found.reason === 'not-compiled'
    const isFirst = isCompiledOnly || (engine === 'aot' && (!isRecovery || waitForCode !== false))
    if (!canBeMade && (engine === 'aot' || isCompiledOnly)) throw fromNative(found.error)
    if (isFirst) {
      const { onCompile: onPhase, compileSignal: signal } = options
      code = await compiler.load(module, { onPhase, signal }, twins)
    } else {
      onInterpreted?.(found.reason, found.message)
      if (!canBeMade) return interpreted
    }
  }
  const guestCode = new GuestCode({
    compiler,
    module,
    code,
    twins: twins ?? 'open',
    takesQuick: waitForCode !== true && !isCompiledOnly,
    onCode: options.onCompiled,
    // One that cannot be interpreted stands still, and says why.
    onFailure: isCompiledOnly ? undefined : (message) => onInterpreted?.('failed', message),
  })
  const compiled = code?.native ?? null
  return { guestCode, settings: { compiled, mayCross: true, awaitsTwins: waitForCode !== false } }
}
