import type { Degradation, RecoverContext } from '../../core/plugin.js'
import { type Access, accesses, type Pipe } from './pipe.js'
import type { Pipes } from './pipes.js'
import type { IpcState, StoredPipe } from './state.js'

/** What stands for ends of guests that are not recovered together with this one. */
export const endsChoices = ['closed', 'open'] as const

/** A pipe in place, and what is different about it. */
interface Restored {
  readonly pipe: Pipe
  readonly lost: readonly Degradation[]
}

/**
 * Brings back the pipes of one guest. The first guest of a group makes a pipe, with the bytes in
 * flight in it; the others find it. The shell holds its ends for those that are still to come.
 */
export class PipeRecovery {
  readonly #pipes: Pipes
  readonly #state: IpcState
  readonly #context: RecoverContext
  readonly #made: Pipe[] = []
  /** Pipes that others have made, and what they expected of this guest. */
  readonly #joined = new Map<Pipe, readonly Access[]>()

  constructor(pipes: Pipes, state: IpcState, context: RecoverContext) {
    this.#pipes = pipes
    this.#state = state
    this.#context = context
  }

  /** The pipe that stands for a stored one.
   *  @throws WasmshError ERR_WASMSH_PIPE_CAPACITY, ERR_WASMSH_DESCRIPTORS_EXHAUSTED */
  pipeOf(stored: StoredPipe, contents: Uint8Array): Restored {
    const origin = this.#originOf(stored)
    const known = origin === null ? undefined : this.#pipes.findRestored(origin)
    const expected = known?.expectedOf(this.#state.guest) ?? []
    if (known !== undefined && stored.ends.every(({ access }) => expected.includes(access))) {
      this.#joined.set(known, expected)
      known.stopExpecting(this.#state.guest)
      return { pipe: known, lost: [] }
    }
    const { pipe, lost } = this.#make(stored, origin)
    this.#made.push(pipe)
    pipe.fill(contents)
    const gone = stored.peers.filter((peer) => !this.#isExpected(peer.guest))
    for (const peer of stored.peers) {
      if (this.#isExpected(peer.guest)) pipe.expect(peer.guest, peer.access)
    }
    const missing = accesses.flatMap((access) => {
      const isThere = (end: { readonly access: Access }) => end.access === access
      const peer = gone.find(isThere)
      const isOpen = pipe.isExpected(access) || stored.ends.some(isThere)
      return peer === undefined || isOpen ? [] : [lossOf(stored.name, access, peer.guest)]
    })
    return { pipe, lost: [...lost, ...missing] }
  }

  /** Lets go of ends that nobody else is to have, once the guest has its own. */
  settle(pipe: Pipe, { unopened }: StoredPipe): void {
    if (!this.#joined.has(pipe)) releaseUnexpected(pipe, unopened)
  }

  /** The recovery is complete. */
  finish(): void {
    for (const pipe of this.#joined.keys()) releaseUnexpected(pipe, [])
  }

  /** The recovery has failed, and the guest has lost its ends again. */
  undo(): void {
    for (const pipe of this.#made) this.#pipes.remove(pipe)
    for (const [pipe, expected] of this.#joined) {
      for (const access of expected) pipe.expect(this.#state.guest, access)
    }
  }

  #isExpected(guest: string): boolean {
    return this.#context.group?.guests.includes(guest) ?? this.#waits()
  }

  /** Whether the ends of guests that come later are to stay open. */
  #waits(): boolean {
    return this.#context.flags['ends'] === 'open' && this.#state.group !== null
  }

  /** By what the guests of a group find a pipe that one of them has made; null for one alone. */
  #originOf({ id }: StoredPipe): string | null {
    const { group } = this.#context
    if (group !== null) return `${group.id}/${id}`
    return this.#waits() ? `${this.#state.group}/${id}` : null
  }

  #make({ name, capacity }: StoredPipe, origin: string | null): Restored {
    try {
      return { pipe: this.#pipes.restore(name, capacity, origin), lost: [] }
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_WASMSH_PIPE_CAPACITY') throw error
      const pipe = this.#pipes.restore(name, null, origin)
      const reason = `holds ${pipe.capacity} bytes here instead of ${capacity}`
      return { pipe, lost: [{ resource: `pipe ${name}`, reason }] }
    }
  }
}

function releaseUnexpected(pipe: Pipe, unopened: readonly Access[]): void {
  for (const access of accesses) {
    if (!pipe.isExpected(access) && !unopened.includes(access)) pipe.release(access)
  }
}

function lossOf(pipe: string, access: Access, guest: string): Degradation {
  const consequence = access === 'read' ? 'writing fails with "pipe"' : 'reading finds the end'
  return {
    resource: `pipe ${pipe}`,
    reason: `has lost its ${access} end, which guest ${guest} had: ${consequence}`,
  }
}
