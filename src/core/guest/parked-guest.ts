import { EventEmitter } from 'node:events'
import type { Module } from '../module.js'
import type { NativeEngine } from '../native.js'
import { requireAddress, requireIndex } from '../range.js'
import type { View } from '../wasm-view.js'
import type { GuestEvents } from './events.js'
import {
  ask,
  type GuestHandle,
  readElements,
  readFrames,
  readGlobals,
  readLocals,
  readOperands,
  readTables,
} from './guest-inspect.js'
import type {
  Blocker,
  ElementInfo,
  FrameInfo,
  GlobalInfo,
  LocalInfo,
  OperandInfo,
  TableInfo,
} from './inspect.js'

/** What can be seen of a guest that stands still. Every call but readMemory throws
 *  ERR_WASMSH_GUEST_NOT_PAUSED while it runs, ERR_WASMSH_GUEST_ENDED afterwards. */
export abstract class ParkedGuest extends EventEmitter<GuestEvents> implements GuestHandle {
  abstract readonly engine: NativeEngine
  abstract readonly id: number
  abstract readonly name: string
  abstract readonly module: Module

  protected abstract requireParked(): void
  protected abstract requireAlive(): void

  /** Frames from the innermost, 0; at most `count` from `first`. */
  frames(first = 0, count = 0x7fffffff): readonly FrameInfo[] {
    this.requireParked()
    return readFrames(this, requireIndex(first, 'A frame'), requireIndex(count, 'A count'))
  }

  /** Locals of a frame, parameters first. */
  locals(frame = 0): readonly LocalInfo[] {
    this.requireParked()
    return readLocals(this, frame)
  }

  /** Operands of a frame, the bottom first. */
  operands(frame = 0): readonly OperandInfo[] {
    this.requireParked()
    return readOperands(this, frame)
  }

  globals(): readonly GlobalInfo[] {
    this.requireParked()
    return readGlobals(this)
  }

  tables(): readonly TableInfo[] {
    this.requireParked()
    return readTables(this)
  }

  /** Elements of a table from `first`, at most `count`. */
  tableElements(table = 0, first = 0, count = 0x7fffffff): readonly ElementInfo[] {
    this.requireParked()
    const start = requireIndex(first, 'An element')
    return readElements(this, requireIndex(table, 'A table'), start, requireIndex(count, 'A count'))
  }

  /** Copies bytes of linear memory; works while the guest runs, too. */
  readMemory(address: number | bigint, length: number, memory = 0): Uint8Array {
    this.requireAlive()
    const from = requireAddress(address)
    const size = requireIndex(length, 'A length')
    const index = requireIndex(memory, 'A memory')
    return ask(this, (id) => this.engine.readMemory(id, index, from, size))
  }

  /** The whole portable state without the contents of memory. */
  view(): View {
    this.requireParked()
    return ask(this, (id) => this.engine.view(id, true))
  }

  /** What a snapshot taken now would lose; empty when it can be taken. */
  blockers(): readonly Blocker[] {
    this.requireParked()
    return ask(this, (id) => this.engine.blockers(id))
  }
}
