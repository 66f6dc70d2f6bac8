import { WasmshError } from '../errors.js'
import type { Outcome } from './events.js'
import type { Guest } from './guest.js'
import { delivered } from './guest-output.js'
import { type GuestState, isFinal, isParked } from './guest-state.js'

export interface WaitOptions {
  /** Answer "timeout" after that many milliseconds; no limit by default. */
  readonly timeoutMs?: number
  /** "stop" (default): paused, trapped or ended. "end": ended, whatever happens before. */
  readonly until?: 'stop' | 'end'
  readonly signal?: AbortSignal
}

/** Longest delay that a timer takes, milliseconds. */
const maxDelayMs = 2 ** 31 - 1

/**
 * Resolves once the guest's state fulfils a condition, false when the signal was aborted first.
 * Keeps the process alive meanwhile: news from native code alone does not.
 */
export async function untilState(
  guest: Guest,
  isReached: (state: GuestState) => boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  if (isReached(guest.state)) return true
  return await new Promise<boolean>((resolve) => {
    const keepAlive = setInterval(() => undefined, maxDelayMs)
    const check = (): void => {
      const reached = isReached(guest.state)
      if (!reached && signal?.aborted !== true) return
      clearInterval(keepAlive)
      guest.off('state', check)
      signal?.removeEventListener('abort', check)
      resolve(reached)
    }
    guest.on('state', check)
    signal?.addEventListener('abort', check)
    check()
  })
}

/** Resolves once several guests fulfil a condition, or when the signal is aborted; false when
 *  `timeoutMs` have passed before. Keeps the process alive meanwhile. */
export async function untilAny(
  guests: readonly Guest[],
  isReached: () => boolean,
  signal: AbortSignal,
  timeoutMs = maxDelayMs,
): Promise<boolean> {
  if (isReached() || signal.aborted) return true
  return await new Promise<boolean>((resolve) => {
    const end = (isInTime: boolean): void => {
      clearInterval(keepAlive)
      for (const guest of guests) guest.off('state', check)
      signal.removeEventListener('abort', check)
      resolve(isInTime)
    }
    const check = (): void => {
      if (isReached() || signal.aborted) end(true)
    }
    const keepAlive = setInterval(
      () => {
        if (timeoutMs < maxDelayMs) end(false)
      },
      Math.min(timeoutMs, maxDelayMs),
    )
    for (const guest of guests) guest.on('state', check)
    signal.addEventListener('abort', check)
  })
}

/** Waits as Guest.wait says. */
export async function waitForOutcome(guest: Guest, options: WaitOptions): Promise<Outcome> {
  const { signal, timeoutMs } = options
  signal?.throwIfAborted()
  const limit = new AbortController()
  const stop = (): void => limit.abort()
  const hasLimit = timeoutMs !== undefined && timeoutMs < maxDelayMs
  const timer = hasLimit ? setTimeout(stop, Math.max(0, timeoutMs)) : undefined
  signal?.addEventListener('abort', stop)
  try {
    const reached = await untilOutcome(guest, options.until ?? 'stop', limit.signal)
    signal?.throwIfAborted()
    return reached ?? { kind: 'timeout' }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** Null when the signal was aborted first. */
async function untilOutcome(
  guest: Guest,
  until: 'stop' | 'end',
  signal: AbortSignal,
): Promise<Outcome | null> {
  const isReached = (state: GuestState): boolean =>
    isFinal(state) || (until === 'stop' && isParked(state))
  if (!(await untilState(guest, isReached, signal))) return null
  // Taken at once: somebody may let the guest go on while its output is on the way.
  const outcome = outcomeOf(guest)
  await deliverOutput(guest, signal)
  return signal.aborted ? null : outcome
}

async function deliverOutput(guest: Guest, signal: AbortSignal): Promise<void> {
  if (isFinal(guest.state)) {
    await Promise.all([
      delivered(guest.stdout, null, signal),
      delivered(guest.stderr, null, signal),
    ])
    return
  }
  const { stdoutBytes, stderrBytes } = guest.info()
  await Promise.all([
    delivered(guest.stdout, stdoutBytes, signal),
    delivered(guest.stderr, stderrBytes, signal),
  ])
}

function outcomeOf(guest: Guest): Outcome {
  switch (guest.state) {
    case 'paused':
      return { kind: 'paused', reason: guest.reason ?? 'pause' }
    case 'trapped':
      if (guest.trap !== null) return { kind: 'trapped', trap: guest.trap }
      break
    case 'ended':
      return { kind: 'ended', code: guest.exitCode ?? 0 }
    case 'killed':
      return { kind: 'killed' }
    case 'failed':
      if (guest.error !== null) throw guest.error
      break
    case 'starting':
    case 'running':
      break
  }
  throw new WasmshError(
    'ERR_WASMSH_INTERNAL',
    `Guest "${guest.name}" is ${guest.state} unexpectedly`,
  )
}
