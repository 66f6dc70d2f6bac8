import { IntList } from './int-list.js'

/**
 * What the pass does not simply copy. Instructions between two events are plain: they only use
 * operands, and travel as one run of bytes.
 */
export const eventKind = {
  /** Event 0: the function itself, target of branches that leave it. */
  function: 0,
  block: 1,
  loop: 2,
  if: 3,
  else: 4,
  end: 5,
  br: 6,
  brIf: 7,
  brTable: 8,
  /** return, unreachable. */
  leave: 9,
  localGet: 10,
  localSet: 11,
  localTee: 12,
  call: 13,
  callIndirect: 14,
  returnCall: 15,
  returnCallIndirect: 16,
  /** memory.atomic.wait32 and wait64. */
  wait: 17,
  refFunc: 18,
  /** Instructions that cannot be reached: left out. */
  dead: 19,
} as const

/**
 * One function as a list of events, in columns; made anew in the same arrays for each function.
 * Offsets count from the start of the module's bytes.
 */
export class FunctionCode {
  /** Index in the function index space. */
  index = 0
  /** Of the first instruction. A pc counts from here. */
  codeStart = 0
  /** Types of the locals, parameters first. */
  readonly locals = new IntList()
  paramCount = 0

  readonly kind = new IntList()
  /** First byte, and the byte behind the last. */
  readonly at = new IntList()
  readonly end = new IntList()
  /** Blocks: the block type as `s33`. Branches: event of the target. br_table: place in `targets`.
   *  Locals and functions: index. Indirect calls: type index. Waits: 32 or 64. Else and end: event
   *  of the block. */
  readonly a = new IntList()
  /** br_table: number of targets with the default. Indirect calls: table. Waits: static offset. */
  readonly b = new IntList()
  /** Lowest number of operands between the event before and the end of this one. */
  readonly low = new IntList()
  /** Blocks: operands under the parameters. Calls and waits: operands under the arguments. */
  readonly height = new IntList()
  /** Blocks, calls and waits: place in `types` of the types of operands below: for blocks those of
   *  the block around, for calls those of the whole function. */
  readonly below = new IntList()
  /** Blocks, calls and waits: event of the block around. */
  readonly parent = new IntList()
  /** Blocks: how many others are around, the function included. */
  readonly level = new IntList()
  /** Blocks: their end. */
  readonly match = new IntList()
  /** Ifs: their else, or -1. Loops: branches back to it. */
  readonly extra = new IntList()

  readonly types = new IntList()
  readonly targets = new IntList()
  /** Most blocks inside each other. */
  depth = 0
  /** It asks for the size of the memory, or makes it larger. */
  usesMemorySize = false
  /** Tables that it makes larger. */
  readonly grownTables = new Set<number>()

  get events(): number {
    return this.kind.length
  }

  /** Operands under those of the block around an event. */
  baseOf(event: number): number {
    return this.height.at(this.parent.at(event))
  }

  reset(index: number): void {
    this.index = index
    this.depth = 0
    this.usesMemorySize = false
    this.grownTables.clear()
    const { locals, kind, at, end, a, b, low } = this
    const { height, below, parent, level, match, extra, types, targets } = this
    const lists = [locals, kind, at, end, a, b, low, height, below, parent, level, match, extra]
    for (const list of [...lists, types, targets]) list.clear()
  }

  push(kind: number, at: number, end: number, low: number, a = 0, b = 0): number {
    this.at.push(at)
    this.end.push(end)
    this.a.push(a)
    this.b.push(b)
    this.low.push(low)
    this.height.push(0)
    this.below.push(0)
    this.parent.push(0)
    this.level.push(0)
    this.match.push(0)
    this.extra.push(kind === eventKind.if ? -1 : 0)
    return this.kind.push(kind)
  }
}
