import type { Operation } from '../oplog/operation.js'
import type { Op, ResourceId } from '../plugin.js'

/** An op and the classes that it is for. */
export interface RoutedOp {
  readonly op: Op
  readonly classes: ReadonlySet<string>
}

/**
 * Knows what stands behind each descriptor of a guest, and so which classes an operation is for:
 * those of the open files it touches, and of the one it makes.
 */
export class OpRouter {
  readonly #owners: ReadonlyMap<string, string>
  readonly #open = new Map<number, ResourceId>()
  #count = 0
  readonly #first: string
  readonly #imports: ReadonlyMap<string, string>

  /** @param owners class by the call that creates
   *  @param first class of descriptors that were there from the start, "" for none
   *  @param imports class by the import that its plugin provides */
  constructor(
    owners: ReadonlyMap<string, string>,
    first: string,
    imports: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#owners = owners
    this.#first = first
    this.#imports = imports
  }

  /** Names what a descriptor stood for before the first operation; some have a name already. */
  begin(descriptors: readonly number[], named: ReadonlyMap<number, ResourceId> = new Map()): void {
    for (const id of named.values()) {
      this.#count = Math.max(this.#count, Number(id.slice(id.lastIndexOf('/') + 1)))
    }
    for (const fd of descriptors) {
      const id = named.get(fd)
      if (id !== undefined) this.#open.set(fd, id)
      else if (this.#first !== '') this.#open.set(fd, this.reserve(this.#first))
    }
  }

  /** The id of the next resource of a class. */
  reserve(resourceClass: string): ResourceId {
    this.#count++
    return `${resourceClass}/${this.#count}`
  }

  /** What stands behind a descriptor now. */
  behind(fd: number): ResourceId | undefined {
    return this.#open.get(fd)
  }

  /** Something of a class was put behind a descriptor, by no operation of the guest. */
  put(fd: number, resourceClass: string): void {
    this.#open.set(fd, this.reserve(resourceClass))
  }

  /** A descriptor was closed, by no operation of the guest. */
  close(fd: number): void {
    this.#open.delete(fd)
  }

  /** @param provided what a plugin has opened by this operation, instead of the call's owner */
  route(operation: Operation, provided?: ResourceId): RoutedOp {
    const touches: ResourceId[] = []
    for (const { type, value } of operation.parameters) {
      const id = type === 'fd' ? this.#open.get(Number(value)) : undefined
      if (id !== undefined && !touches.includes(id)) touches.push(id)
    }
    const isDone = operation.errno === 'success'
    const creates = isDone ? this.#create(operation, provided) : null
    if (isDone) this.#follow(operation)
    const op: Op = {
      seq: operation.seq,
      call: operation.call,
      thread: operation.thread,
      errno: operation.errno,
      parameters: byName(operation.parameters),
      results: byName(operation.results) as Op['results'],
      touches,
      creates,
      writes: operation.writes,
    }
    const ids = creates === null ? touches : [...touches, creates]
    const provider = this.#imports.get(operation.call)
    const classes = ids.map(classOf)
    return { op, classes: new Set(provider === undefined ? classes : [...classes, provider]) }
  }

  #create(operation: Operation, provided: ResourceId | undefined): ResourceId | null {
    const owner = this.#owners.get(operation.call)
    const made = operation.results.find(({ type }) => type === 'fd')
    const isImport = this.#imports.has(operation.call)
    const isMade = owner !== undefined && (made !== undefined || isImport)
    const id = provided ?? (isMade ? this.reserve(owner) : null)
    if (id === null) return null
    if (made !== undefined) this.#open.set(Number(made.value), id)
    return id
  }

  #follow(operation: Operation): void {
    const fd = numberOf(operation, 'fd')
    if (operation.call === 'fd_close') this.#open.delete(fd)
    if (operation.call !== 'fd_renumber') return
    const id = this.#open.get(fd)
    const to = numberOf(operation, 'to')
    if (fd === to) return
    this.#open.delete(fd)
    if (id === undefined) this.#open.delete(to)
    else this.#open.set(to, id)
  }
}

function numberOf({ parameters }: Operation, name: string): number {
  return Number(parameters.find((one) => one.name === name)?.value ?? -1n)
}

function classOf(id: ResourceId): string {
  return id.slice(0, id.lastIndexOf('/'))
}

function byName(fields: Operation['parameters']): Readonly<Record<string, bigint | Uint8Array>> {
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]))
}
