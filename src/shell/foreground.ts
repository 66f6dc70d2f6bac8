import { WasmshError } from '../core/errors.js'
import type { Outcome } from '../core/guest/events.js'
import type { Guest } from '../core/guest/guest.js'
import { isFinal } from '../core/guest/guest-state.js'
import type { Session } from './session.js'

export interface FollowOptions {
  /** Lets the guest go on, once all is connected; for guests that stand still. */
  readonly go?: () => void
  readonly timeoutMs?: number
  /** Give the guest the terminal's input, and pause it by Ctrl-C; true by default. */
  readonly isForeground?: boolean
}

/**
 * Waits until a guest ends, pauses or traps. In the foreground it has the terminal meanwhile, and
 * Ctrl-C pauses it where there is a prompt to come back to; elsewhere Ctrl-C gives up waiting.
 *
 * @throws WasmshError ERR_WASMSH_INTERRUPTED, ERR_WASMSH_WAIT_TIMEOUT
 */
export async function follow(
  session: Session,
  guest: Guest,
  options: FollowOptions = {},
): Promise<Outcome> {
  const console = session.consoleOf(guest)
  const isForeground = options.isForeground ?? true
  const giveBack = isForeground ? lendInput(session, guest) : () => {}
  const takeAway = isForeground && session.hasPrompt ? pauseOnInterrupt(session, guest) : () => {}
  try {
    options.go?.()
    const { timeoutMs } = options
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    const outcome = await wait(session, guest, limit)
    console.flush()
    if (outcome.kind !== 'timeout') return outcome
    throw new WasmshError(
      'ERR_WASMSH_WAIT_TIMEOUT',
      `Guest "${guest.name}" still ran after ${(timeoutMs ?? 0) / 1000} s`,
      { guest: guest.name },
    )
  } finally {
    takeAway()
    giveBack()
  }
}

function lendInput(session: Session, guest: Guest): () => void {
  const { stdin } = guest
  if (stdin === null || isFinal(guest.state) || stdin.writableEnded) return () => {}
  return session.input.lend(stdin)
}

/** The first Ctrl-C pauses the guest, which ends the waiting; a second one ends the waiting even if
 *  the guest has not stopped. */
function pauseOnInterrupt(session: Session, guest: Guest): () => void {
  let isAsked = false
  return session.interrupts.push(() => {
    if (isAsked) return session.giveUp()
    isAsked = true
    guest.pause().catch(() => {
      // It ended meanwhile: that ends the waiting too.
    })
  })
}

async function wait(
  session: Session,
  guest: Guest,
  limit: { timeoutMs?: number },
): Promise<Outcome> {
  try {
    return await guest.wait({ ...limit, signal: session.signal })
  } catch (error) {
    session.throwIfInterrupted()
    throw error
  }
}
