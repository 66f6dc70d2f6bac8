import { isErrorCode, WasmshError } from '../errors.js'
import type { PhaseContext, PluginFlags } from '../plugin.js'
import { defaultLimits } from './plugin-limits.js'

/**
 * Runs one phase of a plugin: what it throws names the plugin, and a phase that says nothing for
 * `silenceMs` is given up.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_FAILED, ERR_WASMSH_PLUGIN_TIMEOUT, or what the plugin threw
 *   as one
 */
export async function runPhase<Result>(
  plugin: string,
  phase: string,
  flags: PluginFlags,
  run: (context: PhaseContext) => Promise<Result>,
  silenceMs = defaultLimits.phaseMs,
): Promise<Result> {
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new WasmshError(
          'ERR_WASMSH_PLUGIN_TIMEOUT',
          `Plugin "${plugin}" has made no progress in ${phase} for ${silenceMs / 1000} s`,
        ),
      )
    }, silenceMs)
  })
  const context: PhaseContext = {
    signal: abort.signal,
    flags,
    progress: () => timer?.refresh(),
  }
  try {
    return await Promise.race([run(context), silent])
  } catch (error) {
    throw pluginError(plugin, phase, error)
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

/** What a plugin threw, with its name. */
export function pluginError(plugin: string, phase: string, thrown: unknown): WasmshError {
  if (thrown instanceof WasmshError) return thrown
  const foreign = thrown as Partial<WasmshError> | null
  // Thrown by a plugin that has a wasmsh of its own beside it.
  if (foreign?.name === 'WasmshError' && isErrorCode(String(foreign.code))) {
    const { code, message = '', hint = '' } = foreign as WasmshError
    return new WasmshError(code, message, { hint, cause: thrown })
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new WasmshError(
    'ERR_WASMSH_PLUGIN_FAILED',
    `Plugin "${plugin}" failed in ${phase}: ${reason}`,
    {
      cause: thrown,
    },
  )
}
