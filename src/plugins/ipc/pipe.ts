import { randomUUID } from 'node:crypto'
import { closeSync, writeSync } from 'node:fs'
import { WasmshError } from '../../core/errors.js'
import type { PipeServices } from '../../core/plugin.js'

export type Access = 'read' | 'write'
export const accesses: readonly Access[] = ['read', 'write']

/** An end of a pipe, as a descriptor of a guest. */
export interface PipeEnd {
  readonly holder: EndHolder
  readonly fd: number
  readonly access: Access
}

/** Who has ends: the tracker of a guest. */
export interface EndHolder {
  readonly guest: string
}

/**
 * A pipe between guests: a pipe of the kernel, read and written by the guests themselves. The shell
 * holds an end until the first guest has it, so that nobody finds the other end closed before it was
 * ever open, and bytes that were written early stay.
 */
export class Pipe {
  readonly id = randomUUID()
  readonly #services: PipeServices
  readonly #anchor: number
  readonly #held = new Map<Access, number>()
  readonly #ends = new Set<PipeEnd>()
  /** Ends that guests are to have that are not recovered yet. */
  #expected: { readonly guest: string; readonly access: Access }[] = []
  #capacity: number

  /** @throws WasmshError ERR_WASMSH_DESCRIPTORS_EXHAUSTED, ERR_WASMSH_PIPE_CAPACITY */
  constructor(
    services: PipeServices,
    readonly name: string,
    capacity: number | null,
    /** What guests that are recovered later find it by; null for nothing. */
    readonly origin: string | null = null,
    /** It goes with its last end. */
    readonly isTransient = false,
  ) {
    this.#services = services
    this.#anchor = services.create()
    try {
      for (const access of accesses) this.#held.set(access, services.open(this.#anchor, access))
      const [end = -1] = this.#held.values()
      this.#capacity = services.capacity(end)
      if (capacity !== null && capacity !== this.#capacity) {
        this.#capacity = setCapacity(services, end, capacity, name)
      }
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Bytes that it holds at most. */
  get capacity(): number {
    return this.#capacity
  }

  /** Names the pipe as the kernel knows it. */
  get identity(): string | null {
    return this.#services.identity(this.#anchor)
  }

  /** Descriptors of guests that are ends of it. */
  get ends(): readonly PipeEnd[] {
    return [...this.#ends]
  }

  endsOf(access: Access): readonly PipeEnd[] {
    return this.ends.filter((end) => end.access === access)
  }

  /** Whether the shell holds an end, since no guest has had it yet. */
  isHeld(access: Access): boolean {
    return this.#held.has(access)
  }

  /** Neither a guest nor the shell has it open at that end. */
  isClosed(access: Access): boolean {
    return !this.isHeld(access) && this.endsOf(access).length === 0
  }

  /** Opens an end for a guest. The shell lets go of what it held of it, unless told otherwise.
   *  @throws WasmshError ERR_WASMSH_DESCRIPTORS_EXHAUSTED */
  open(access: Access, keepsHold = false): number {
    const isNew = accesses.every((one) => this.isClosed(one))
    const hostFd = this.#services.open(this.#anchor, access)
    // The kernel has forgotten a pipe that nobody had open.
    if (isNew) this.#services.setCapacity(hostFd, this.#capacity)
    if (!keepsHold) this.release(access)
    return hostFd
  }

  /** Notes that a guest of that name is still to come for an end. */
  expect(guest: string, access: Access): void {
    this.#expected.push({ guest, access })
  }

  /** Ends that a guest of that name is to come for. */
  expectedOf(guest: string): readonly Access[] {
    return this.#expected.filter((one) => one.guest === guest).map(({ access }) => access)
  }

  stopExpecting(guest: string): void {
    this.#expected = this.#expected.filter((one) => one.guest !== guest)
  }

  /** Whether somebody is to come for an end. */
  isExpected(access: Access): boolean {
    return this.#expected.some((one) => one.access === access)
  }

  add(end: PipeEnd): void {
    this.#ends.add(end)
  }

  remove(end: PipeEnd): void {
    this.#ends.delete(end)
  }

  /** Lets go of an end that the shell holds. */
  release(access: Access): void {
    const hostFd = this.#held.get(access)
    this.#held.delete(access)
    if (hostFd !== undefined) closeSync(hostFd)
  }

  /** Bytes in flight: written and not read. They are gone when nobody can read them any more. */
  waiting(): number {
    if (this.isClosed('read')) return 0
    return this.#through('read', (end) => this.#services.waiting(end))
  }

  /** Whether a guest that reads or writes at an end does not wait. */
  isReady(access: Access): boolean {
    if (this.isClosed(access)) return true
    return this.#through(access, (end) => this.#services.isReady(end))
  }

  /** A copy of the bytes in flight; they stay where they are. */
  contents(): Uint8Array {
    if (this.isClosed('read')) return new Uint8Array()
    return this.#through('read', (end) => this.#services.contents(end))
  }

  /** Puts bytes in flight into a pipe that is empty, while the shell holds its ends.
   *  @throws WasmshError ERR_WASMSH_PIPE_CAPACITY when they do not fit */
  fill(bytes: Uint8Array): void {
    const end = this.#held.get('write')
    if (end === undefined) throw new Error('the write end is not held')
    let done = 0
    while (done < bytes.length) {
      try {
        done += writeSync(end, bytes, done)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        throw new WasmshError(
          'ERR_WASMSH_PIPE_CAPACITY',
          `Pipe "${this.name}" had ${bytes.length} bytes in flight, and this system lets a pipe hold ${this.#capacity}`,
          { cause: error },
        )
      }
    }
  }

  close(): void {
    for (const access of accesses) this.release(access)
    closeSync(this.#anchor)
  }

  #through<Result>(access: Access, use: (end: number) => Result): Result {
    const held = this.#held.get(access)
    const end = held ?? this.#services.open(this.#anchor, access)
    try {
      return use(end)
    } finally {
      if (held === undefined) closeSync(end)
    }
  }
}

function setCapacity(services: PipeServices, end: number, capacity: number, name: string): number {
  try {
    return services.setCapacity(end, capacity)
  } catch (error) {
    throw new WasmshError(
      'ERR_WASMSH_PIPE_CAPACITY',
      `This system does not let pipe "${name}" hold ${capacity} bytes`,
      { cause: error },
    )
  }
}
