import type { Guest } from '../guest/guest.js'
import { isFinal, isParked } from '../guest/guest-state.js'

export interface PauseOptions {
  /** Leave out guests that have ended, or end meanwhile, instead of failing because of them. */
  readonly skipEnded?: boolean
}

/**
 * Pauses guests together: one call tells all of them before any is waited for. One by one, those that
 * still run would take the cores from the thread that tells them, and the last would stand still a
 * long time after the first.
 *
 * @throws WasmshError as Guest.pause; none is paused then that was not before
 */
export async function pauseGuests(
  guests: readonly Guest[],
  { skipEnded = false }: PauseOptions = {},
): Promise<void> {
  const awake = [...new Set(guests)].filter(({ state }) => !isParked(state))
  const ended = awake.find(({ state }) => isFinal(state))
  if (ended !== undefined && !skipEnded) return await ended.pause()
  const running = awake.filter(({ state }) => !isFinal(state))
  const [first] = running
  if (first === undefined) return
  first.engine.pause(running.map(({ id }) => id))
  const failures: unknown[] = []
  await Promise.all(
    running.map((guest) =>
      guest.whenPaused().catch((error: unknown) => {
        if (!skipEnded || !isFinal(guest.state)) failures.push(error)
      }),
    ),
  )
  if (failures.length === 0) return
  await Promise.all(running.map((guest) => goOn(guest)))
  throw failures[0]
}

/** Takes a pause back; somebody else may have begun to store the guest already. */
async function goOn(guest: Guest): Promise<void> {
  await guest.whenWritten()
  if (guest.state === 'paused' && guest.reason === 'pause') guest.resume()
}
