import { WasmshError } from '../core/errors.js'
import type { Outcome } from '../core/guest/events.js'
import type { Guest } from '../core/guest/guest.js'
import { isFinal, isParked } from '../core/guest/guest-state.js'
import { untilAny } from '../core/guest/guest-wait.js'
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
 * @throws WasmshError ERR_WASMSH_INTERRUPTED, ERR_WASMSH_WAIT_TIMEOUT, and ERR_WASMSH_COMPILED_CODE of a
 *   guest that cannot go on
 */
export async function follow(
  session: Session,
  guest: Guest,
  options: FollowOptions = {},
): Promise<Outcome> {
  const console = session.consoleOf(guest)
  const isForeground = options.isForeground ?? true
  if (isForeground && isGivenUp(session)) {
    await session.shell.pause([guest], { skipEnded: true })
    const outcome = await guest.wait()
    console.flush()
    return outcome
  }
  const giveBack = isForeground ? lendInput(session, guest) : () => {}
  const takeAway = isForeground && session.hasPrompt ? pauseOnInterrupt(session, [guest]) : () => {}
  try {
    options.go?.()
    const { timeoutMs } = options
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    const outcome = await wait(session, guest, limit)
    console.flush()
    requireCode(guest)
    if (outcome.kind !== 'timeout') return outcome
    throw timedOut(guest.name, timeoutMs)
  } finally {
    takeAway()
    giveBack()
  }
}

/**
 * The same for guests that belong together: until all have ended, or one of them pauses or traps.
 * The others are paused then, too. The first has the terminal's input.
 */
export async function followAll(
  session: Session,
  guests: readonly Guest[],
  options: FollowOptions = {},
): Promise<void> {
  const isForeground = options.isForeground ?? true
  if (isForeground && isGivenUp(session)) {
    await session.shell.pause(guests, { skipEnded: true })
    return
  }
  const [first] = guests
  const giveBack = isForeground && first !== undefined ? lendInput(session, first) : () => {}
  const takeAway = isForeground && session.hasPrompt ? pauseOnInterrupt(session, guests) : () => {}
  try {
    options.go?.()
    const isDone = (): boolean =>
      guests.every(({ state }) => isFinal(state)) || guests.some(({ state }) => isParked(state))
    const { timeoutMs } = options
    const isInTime = await untilAny(guests, isDone, session.signal, timeoutMs)
    session.throwIfInterrupted()
    if (!isInTime) {
      const [running] = guests.filter(({ state }) => !isFinal(state))
      throw timedOut(running?.name ?? '', timeoutMs)
    }
    await session.shell.pause(guests, { skipEnded: true })
    // For the output up to here.
    await Promise.all(guests.map((guest) => wait(session, guest, {})))
    for (const guest of guests) requireCode(guest)
  } finally {
    takeAway()
    giveBack()
    for (const guest of guests) session.consoleOf(guest).flush()
  }
}

/** Ctrl-C came before there was a guest to pause: recovering one may take a while. */
function isGivenUp(session: Session): boolean {
  return session.hasPrompt && session.signal.aborted
}

/** A guest that stands still because it has to is not one that was paused. */
function requireCode(guest: Guest): void {
  if (guest.reason !== 'no-code') return
  const why = guest.info().compileFailure ?? 'no reason is known'
  throw new WasmshError(
    'ERR_WASMSH_COMPILED_CODE',
    `Guest "${guest.name}" cannot go on, and stands where it stood: ${why}`,
    {
      guest: guest.name,
      hint: '"resume" tries again; "snapshot" keeps the guest as it is. It uses SIMD, which the interpreter does not know.',
    },
  )
}

function timedOut(guest: string, timeoutMs = 0): WasmshError {
  return new WasmshError(
    'ERR_WASMSH_WAIT_TIMEOUT',
    `Guest "${guest}" still ran after ${timeoutMs / 1000} s`,
    { guest },
  )
}

function lendInput(session: Session, guest: Guest): () => void {
  const { stdin } = guest
  if (stdin === null || isFinal(guest.state) || stdin.writableEnded) return () => {}
  return session.input.lend(stdin)
}

/** Ctrl-C pauses the guests, which ends the waiting; one more before they have stopped ends the
 *  waiting all the same. */
function pauseOnInterrupt(session: Session, guests: readonly Guest[]): () => void {
  let isAsked = false
  return session.interrupts.push(() => {
    if (isAsked) return session.giveUp()
    isAsked = true
    // What ended meanwhile ends the waiting too; all else keeps the guests running, and the user
    // waiting, who has to know why.
    session.shell.pause(guests, { skipEnded: true }).catch((error) => {
      isAsked = false
      session.onStray(error)
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
