import { WasmshError } from '../core/errors.js'
import type { Guest } from '../core/guest/guest.js'
import type {
  ElementInfo,
  FrameInfo,
  GlobalInfo,
  LocalInfo,
  OperandInfo,
  TableInfo,
} from '../core/guest/inspect.js'
import type { Module } from '../core/module.js'
import { formatValue } from '../core/value/value.js'
import type { Frame, Value, View } from '../core/wasm-view.js'
import type { Arguments } from './arguments.js'
import type { Session } from './session.js'

/** What there is to look at: a guest that stands still, or a stored snapshot. */
export interface Inspection {
  readonly label: string
  readonly module: Module
  readonly frameCount: number
  /** Where a guest trapped in compiled code, which leaves no frames. */
  readonly trapPlace: { readonly function: number; readonly pc: number | null } | null
  frames(first: number, count: number): readonly FrameInfo[]
  locals(frame: number): readonly LocalInfo[]
  operands(frame: number): readonly OperandInfo[]
  globals(): readonly GlobalInfo[]
  tables(): readonly TableInfo[]
  tableElements(table: number, first: number, count: number): readonly ElementInfo[]
  readMemory(address: bigint, length: number): Promise<Uint8Array>
  memoryBytes(): number
}

/** What a name given by `--guest` or `use` stands for. */
export type Subject =
  | { readonly kind: 'guest'; readonly guest: Guest }
  | { readonly kind: 'snapshot'; readonly name: string }

const snapshotPrefix = 'snapshot:'

/** Parses "GUEST" or "snapshot:NAME". */
export function parseSubject(session: Session, text: string): Subject {
  return text.startsWith(snapshotPrefix)
    ? { kind: 'snapshot', name: text.slice(snapshotPrefix.length) }
    : { kind: 'guest', guest: session.shell.guest(text) }
}

/** The guest or snapshot that a command means: by `--guest`, or the chosen one. */
export function subjectOf(session: Session, input: Arguments): Subject {
  const name = input.option('guest')
  if (name !== undefined) return parseSubject(session, name)
  const { selection } = session
  return selection.kind === 'snapshot'
    ? { kind: 'snapshot', name: selection.name }
    : { kind: 'guest', guest: session.findGuest(undefined) }
}

/** Opens what a command is to look at. */
export async function inspect(session: Session, input: Arguments): Promise<Inspection> {
  const subject = subjectOf(session, input)
  return subject.kind === 'guest'
    ? inspectGuest(subject.guest)
    : await inspectSnapshot(session, subject.name)
}

function inspectGuest(guest: Guest): Inspection {
  return {
    label: guest.name,
    module: guest.module,
    frameCount: guest.info().frameCount,
    trapPlace: trapPlaceOf(guest),
    frames: (first, count) => guest.frames(first, count),
    locals: (frame) => guest.locals(frame),
    operands: (frame) => guest.operands(frame),
    globals: () => guest.globals(),
    tables: () => guest.tables(),
    tableElements: (table, first, count) => guest.tableElements(table, first, count),
    readMemory: async (address, length) => guest.readMemory(address, length),
    memoryBytes: () => guest.info().memoryBytes,
  }
}

function trapPlaceOf({ trap }: Guest): Inspection['trapPlace'] {
  return trap === null || trap.function === null ? null : { function: trap.function, pc: trap.pc }
}

/** Opens a stored snapshot to look at. */
export async function inspectSnapshot(session: Session, name: string): Promise<Inspection> {
  const { shell } = session
  const entry = await shell.store.get(name)
  const view = await shell.store.view(name)
  const bytes = await shell.store.readModule(entry.module.sha256)
  const module = await shell.loadModule(bytes, entry.guest.file)
  return new StoredInspection(name, module, view, entry.memoryBytes, (address, length) =>
    shell.store.readMemory(name, 0, address, length),
  )
}

/** The main thread of a stored snapshot. */
class StoredInspection implements Inspection {
  readonly trapPlace = null
  readonly #frames: readonly Frame[]

  constructor(
    readonly label: string,
    readonly module: Module,
    readonly view: View,
    private readonly bytes: number,
    readonly readMemory: (address: bigint, length: number) => Promise<Uint8Array>,
  ) {
    // Stored outermost first, shown innermost first.
    this.#frames = [...(view.threads.find(({ id }) => id === 0)?.frames ?? [])].reverse()
  }

  get frameCount(): number {
    return this.#frames.length
  }

  memoryBytes(): number {
    return this.bytes
  }

  frames(first: number, count: number): readonly FrameInfo[] {
    return this.#frames.slice(first, first + count).map((frame, index) => ({
      frame: first + index,
      function: frame.function,
      name: this.module.functionName(frame.function),
      pc: frame.pc,
      localCount: frame.locals.length,
      operandCount: frame.operands.length,
    }))
  }

  locals(number: number): readonly LocalInfo[] {
    const frame = this.#frame(number)
    const described = this.module.function(frame.function)
    return frame.locals.map((value, index) => ({
      index,
      name: described.locals[index]?.name ?? '',
      isParameter: index < described.params.length,
      isAvailable: value.available,
      ...typed(value),
    }))
  }

  operands(number: number): readonly OperandInfo[] {
    return this.#frame(number).operands.map((value, index) => ({ index, ...typed(value) }))
  }

  globals(): readonly GlobalInfo[] {
    const { globals } = this.module.description
    return (this.view.instances[0]?.globals ?? []).map((value, index) => ({
      index,
      name: globals[index]?.name ?? '',
      isMutable: globals[index]?.mutable ?? false,
      ...typed(value),
    }))
  }

  tables(): readonly TableInfo[] {
    const { tables } = this.module.description
    return (this.view.instances[0]?.tables ?? []).map((table, index) => ({
      index,
      type: table.type,
      size: table.elements.length,
      max: tables[index]?.max ?? null,
    }))
  }

  tableElements(table: number, first: number, count: number): readonly ElementInfo[] {
    const elements = this.view.instances[0]?.tables[table]?.elements ?? []
    return elements.slice(first, first + count).map((bits, index) => ({
      index: first + index,
      function: bits < 0n ? null : Number(bits),
      name: bits < 0n ? '' : this.module.functionName(Number(bits)),
    }))
  }

  #frame(number: number): Frame {
    const frame = this.#frames[number]
    if (frame !== undefined) return frame
    throw new WasmshError(
      'ERR_WASMSH_FRAME_UNKNOWN',
      `Frame ${number} does not exist: snapshot "${this.label}" has ${this.#frames.length} frames`,
    )
  }
}

function typed(value: Value): Pick<LocalInfo, 'type' | 'bits' | 'text'> {
  return { type: value.type, bits: value.bits, text: formatValue(value.type, value.bits) }
}
