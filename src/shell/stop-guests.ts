import type { Guest } from '../core/guest/guest.js'
import { isFinal } from '../core/guest/guest-state.js'
import type { Session } from './session.js'
import { count, printable } from './text.js'

/** Guests that leaving would end. */
export function livingGuests(session: Session): readonly Guest[] {
  return session.shell.guests().filter((guest) => !isFinal(guest.state))
}

/** "2 guests (calc, sort)". */
export function describeGuests(guests: readonly Guest[]): string {
  const names = guests.map(({ name }) => printable(name)).join(', ')
  return `${count(guests.length, 'guest')} (${names})`
}

/** Ends guests that still run when a script is done, and says so: nobody could reach them. */
export async function endRunningGuests(session: Session): Promise<void> {
  const running = livingGuests(session).filter(({ state }) => state === 'running')
  if (running.length === 0) return
  await Promise.all(running.map((guest) => guest.kill()))
  if (!session.output.isJson && !session.isQuiet) {
    session.output.note(
      `wasmsh: ended ${describeGuests(running)} that still ran; "wait" waits for them`,
    )
  }
}
