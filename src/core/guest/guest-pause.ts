import { WasmshError } from '../errors.js'
import type { GuestPlugins } from '../plugin-host/guest-plugins.js'
import type { Guest } from './guest.js'
import { ask } from './guest-inspect.js'
import { isFinal, isParked } from './guest-state.js'
import { untilState } from './guest-wait.js'

/**
 * Waits until a guest that was told to pause stands still or has ended. A plugin that the guest waits
 * for is told to settle; when it does not within the limit, the pause is taken back.
 *
 * @throws WasmshError ERR_WASMSH_PLUGIN_PAUSE
 */
export async function untilStill(guest: Guest, { calls, limits }: GuestPlugins): Promise<void> {
  const isStill = (state: Guest['state']): boolean => isParked(state) || isFinal(state)
  calls.interrupt()
  for (;;) {
    const limit = new AbortController()
    const before = calls.holder()
    const timer = setTimeout(() => limit.abort(), limits.pauseMs)
    const isReached = await untilState(guest, isStill, limit.signal).finally(() =>
      clearTimeout(timer),
    )
    if (isReached) return
    // Somebody else may just have begun to hold it up.
    const holder = calls.holder()
    if (holder === null || holder !== before) continue
    // Too late to take it back: it stands still.
    if (!ask(guest, (id) => guest.engine.withdrawPause(id))) continue
    calls.goOn()
    throw new WasmshError(
      'ERR_WASMSH_PLUGIN_PAUSE',
      `Plugin "${holder.plugin}" holds up the pause of "${guest.name}": ${holder.call} has not ended within ${limits.pauseMs / 1000} s`,
      { guest: guest.name },
    )
  }
}
