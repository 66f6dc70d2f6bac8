import { closeSync, readFileSync } from 'node:fs'
import type {
  Degradation,
  DescriptorRequest,
  Op,
  PluginHost,
  RecoverContext,
  ResourcePlan,
  ResourceTracker,
  SnapshotContext,
} from '../../core/plugin.js'
import { type Access, accesses, type EndHolder, type Pipe, type PipeEnd } from './pipe.js'
import type { Pipes } from './pipes.js'
import { PipeRecovery } from './recovery.js'
import type { IpcState, StoredPipe } from './state.js'
import { parseTarget } from './target.js'

/** An end and the pipe that it is of. */
interface HeldEnd {
  readonly pipe: Pipe
  readonly end: PipeEnd
}

/** The pipes of one guest. */
export class IpcTracker implements ResourceTracker<IpcState>, EndHolder {
  readonly #host: PluginHost
  readonly #pipes: Pipes
  readonly #ends = new Map<number, HeldEnd>()
  #recovery: PipeRecovery | null = null

  constructor(host: PluginHost, pipes: Pipes) {
    this.#host = host
    this.#pipes = pipes
  }

  get guest(): string {
    return this.#host.guest.name
  }

  /** Ends by their descriptors. */
  ends(): ReadonlyMap<number, HeldEnd> {
    return this.#ends
  }

  open(request: DescriptorRequest): number {
    const { name, access } = parseTarget(request)
    const pipe = this.#pipes.get(name)
    const hostFd = pipe.open(access)
    this.#put(request.fd, pipe, access)
    return hostFd
  }

  record(op: Op): void {
    if (op.errno !== 'success') return
    const fd = Number(op.parameters['fd'] ?? -1n)
    if (op.call === 'fd_close') this.#drop(fd)
    if (op.call === 'fd_renumber') this.#renumber(fd, Number(op.parameters['to'] ?? -1n))
  }

  peers(): readonly string[] {
    const names = [...this.#ends.values()].flatMap(({ pipe }) =>
      pipe.ends.filter(({ holder }) => holder !== this).map(({ holder }) => holder.guest),
    )
    return [...new Set(names)]
  }

  ended(): void {
    for (const fd of [...this.#ends.keys()]) this.#drop(fd)
  }

  plan(): readonly ResourcePlan[] {
    return [...this.#ends].map(([fd, { pipe, end }]) => {
      const others = this.#peersOf(pipe)
      const waiting = pipe.waiting()
      return {
        resource: `descriptor ${fd} (pipe ${pipe.name}, ${end.access} end)`,
        descriptor: fd,
        status: 'portable' as const,
        reason: `${waiting} bytes in flight${others.length === 0 ? '' : `; shared with ${others.join(', ')}`}`,
        hint:
          others.length === 0
            ? ''
            : `Recovered alone it finds the other end closed; take all of them with --group.`,
      }
    })
  }

  async snapshot(context: SnapshotContext): Promise<IpcState> {
    this.#check()
    const byPipe = new Map<Pipe, StoredPipe['ends'][number][]>()
    for (const [descriptor, { pipe, end }] of this.#ends) {
      const ends = byPipe.get(pipe) ?? []
      byPipe.set(pipe, [...ends, { descriptor, access: end.access }])
    }
    const pipes: StoredPipe[] = []
    for (const [pipe, ends] of byPipe) {
      const contents = this.#keepsContents(pipe, context) ? pipe.contents() : new Uint8Array()
      pipes.push({
        id: pipe.id,
        name: pipe.name,
        capacity: pipe.capacity,
        ends,
        peers: pipe.ends
          .filter(({ holder }) => holder !== this)
          .map(({ holder, access }) => ({ guest: holder.guest, access })),
        unopened: accesses.filter((access) => pipe.isHeld(access)),
        contents: contents.length === 0 ? null : await context.putBlob(contents),
      })
    }
    return { group: context.group?.id ?? null, guest: this.guest, pipes }
  }

  async recover(state: IpcState, context: RecoverContext): Promise<readonly Degradation[]> {
    const recovery = new PipeRecovery(this.#pipes, state, context)
    this.#recovery = recovery
    const degradations: Degradation[] = []
    for (const stored of state.pipes) {
      const wanted = stored.ends.filter(({ descriptor }) =>
        context.descriptors.some(({ fd, kind }) => fd === descriptor && kind === 'resource'),
      )
      if (wanted.length === 0) {
        degradations.push(...leftBehind(stored, context))
        continue
      }
      const { pipe, lost } = recovery.pipeOf(stored, readBlob(stored, context))
      degradations.push(...lost)
      for (const { descriptor, access } of wanted) {
        context.give(descriptor, pipe.open(access, true))
        this.#put(descriptor, pipe, access)
      }
      recovery.settle(pipe, stored)
    }
    return degradations
  }

  async undo(): Promise<void> {
    this.ended()
    this.#recovery?.undo()
    this.#recovery = null
  }

  async resume(): Promise<void> {
    this.#recovery?.finish()
    this.#recovery = null
  }

  async dispose(): Promise<void> {
    this.ended()
  }

  /** The reader owns what is in flight; a writer does when nobody has the read end yet. In a group
   *  all members keep it, since any of them may be the first to be brought back. */
  #keepsContents(pipe: Pipe, context: SnapshotContext): boolean {
    if (context.group !== null) return true
    const readers = pipe.endsOf('read')
    return readers.length === 0 || readers.some(({ holder }) => holder === this)
  }

  #peersOf(pipe: Pipe): readonly string[] {
    const others = pipe.ends.filter(({ holder }) => holder !== this)
    return [...new Set(others.map(({ holder }) => holder.guest))]
  }

  #put(fd: number, pipe: Pipe, access: Access): void {
    const end: PipeEnd = { holder: this, fd, access }
    pipe.add(end)
    this.#ends.set(fd, { pipe, end })
  }

  #drop(fd: number): void {
    const held = this.#ends.get(fd)
    if (held === undefined) return
    this.#ends.delete(fd)
    held.pipe.remove(held.end)
    this.#pipes.tidy(held.pipe)
  }

  #renumber(from: number, to: number): void {
    if (from === to) return
    const moved = this.#ends.get(from)
    this.#drop(to)
    if (moved === undefined) return
    this.#ends.delete(from)
    moved.pipe.remove(moved.end)
    this.#put(to, moved.pipe, moved.end.access)
  }

  /** Compares what the operations have told with what the kernel has. */
  #check(): void {
    const kept = this.#host.descriptors().filter(({ kind }) => kind === 'resource')
    const numbers = new Set(kept.map(({ fd }) => fd))
    for (const [fd, { pipe }] of this.#ends) {
      const identity = numbers.has(fd) ? this.#identityOf(fd) : null
      if (identity !== null && identity === pipe.identity) continue
      throw new Error(`descriptor ${fd} is not the end of pipe "${pipe.name}" that it was`)
    }
  }

  #identityOf(fd: number): string | null {
    const hostFd = this.#host.copyDescriptor(fd)
    try {
      return this.#pipes.services.identity(hostFd)
    } finally {
      closeSync(hostFd)
    }
  }
}

function readBlob({ contents }: StoredPipe, context: RecoverContext): Uint8Array {
  return contents === null ? new Uint8Array() : readFileSync(context.getBlob(contents).path)
}

/** Bytes in flight of a pipe in whose place something else stands now. */
function leftBehind(stored: StoredPipe, context: RecoverContext): readonly Degradation[] {
  const bytes = readBlob(stored, context).length
  const readers = stored.ends.filter(({ access }) => access === 'read')
  if (bytes === 0) return []
  const whose = readers.length > 0 ? 'this guest had not read' : 'nobody had read'
  return [
    {
      resource: `pipe ${stored.name}`,
      reason: `was replaced: ${bytes} bytes that ${whose} are left behind`,
    },
  ]
}
