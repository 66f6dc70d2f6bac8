import type { CommandContext, Page } from '../../core/plugin.js'
import { type Access, accesses, type Pipe } from './pipe.js'
import type { Pipes } from './pipes.js'
import type { IpcTracker } from './tracker.js'

type Shell = CommandContext<IpcTracker>['shell']
type Guest = ReturnType<Shell['guest']>

/** One end, as `ipc` shows it. */
export interface ListedEnd {
  readonly guest: string
  readonly descriptor: number
  readonly access: Access
  /** The guest is in a host call that waits for this pipe. */
  readonly isWaiting: boolean
}

export interface ListedPipe {
  readonly name: string
  /** Bytes that it holds at most. */
  readonly capacity: number
  /** Bytes in flight. */
  readonly waiting: number
  readonly ends: readonly ListedEnd[]
  /** Ends that no guest has had yet. */
  readonly unopened: readonly Access[]
  /** Ends that nobody has open any more. */
  readonly closed: readonly Access[]
}

/** Describes the pipes of a shell, in the order in which they were made. */
export function listPipes(shell: Shell, pipes: Pipes): readonly ListedPipe[] {
  // Each tells its pipes what it has closed.
  for (const guest of shell.guests()) guest.peers()
  const guests = new Map(shell.guests().map((guest) => [guest.name, guest]))
  return pipes.all().map((pipe) => {
    return {
      name: pipe.name,
      capacity: pipe.capacity,
      waiting: pipe.waiting(),
      ends: pipe.ends.map(({ holder, fd, access }) => ({
        guest: holder.guest,
        descriptor: fd,
        access,
        isWaiting: isWaiting(guests.get(holder.guest), fd, access, pipe),
      })),
      unopened: accesses.filter((access) => pipe.isHeld(access)),
      closed: accesses.filter((access) => pipe.isClosed(access)),
    }
  })
}

/** Whether a guest waits in a call that this end would end. Of one that stands still, the call's
 *  arguments tell which descriptor it is about. */
function isWaiting(guest: Guest | undefined, fd: number, access: Access, pipe: Pipe): boolean {
  if (guest === undefined) return false
  const call = guest.info().hostCall?.split('.').at(-1) ?? ''
  if ((call !== 'poll_oneoff' && call !== `fd_${access}`) || pipe.isReady(access)) return false
  const about = call === 'poll_oneoff' ? null : guest.pendingCall()?.arguments[0]
  return about === null || about === undefined || Number(about.bits) === fd
}

/** A table of pipes, an end a line. */
export async function renderPipes(list: readonly ListedPipe[], page: Page): Promise<string> {
  if (list.length === 0) return page.theme.quiet('No pipes.')
  return await page.table(
    [
      { head: 'PIPE', shrinks: true },
      { head: 'CAPACITY', align: 'right' },
      { head: 'IN FLIGHT', align: 'right' },
      { head: 'WRITERS', shrinks: true },
      { head: 'READERS', shrinks: true },
    ],
    list.map((one) => [
      one.name,
      `${one.capacity}`,
      `${one.waiting}`,
      renderEnds(one, 'write', page),
      renderEnds(one, 'read', page),
    ]),
  )
}

function renderEnds({ ends, unopened }: ListedPipe, access: Access, page: Page): string {
  const own = ends.filter((end) => end.access === access)
  if (own.length === 0) return page.theme.quiet(unopened.includes(access) ? 'none yet' : 'closed')
  return own
    .map(({ guest, descriptor, isWaiting: waits }) =>
      [page.theme.guest(guest), `:${descriptor}`, waits ? page.theme.hint(' waits') : ''].join(''),
    )
    .join(', ')
}
