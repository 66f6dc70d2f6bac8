import { eventKind, type FunctionCode } from './function-code.js'
import { IntList } from './int-list.js'

/**
 * The stable points of one function, numbered from 0 in the order of its code: first its entry, then
 * each loop that is repeated and each call that may suspend. The numbers depend on the module alone,
 * never on options: snapshots name points by them.
 */
export class FunctionPoints {
  /** Event of each point: 0 for the entry, a loop, a call or a wait. */
  readonly event = new IntList()
  /** By event: a block holds the points from `lo` to below `hi`, an else begins at `mid` of its if;
   *  a call or loop is point `lo`. Where there is none, `lo` is `hi`. */
  readonly lo = new IntList()
  readonly mid = new IntList()
  readonly hi = new IntList()

  get count(): number {
    return this.event.length
  }

  has(event: number): boolean {
    return this.lo.at(event) < this.hi.at(event)
  }

  /** Finds them. `maySuspend` answers for a direct callee. */
  number(code: FunctionCode, maySuspend: (functionIndex: number) => boolean): void {
    const { event: list, lo, mid, hi } = this
    for (const column of [list, lo, mid, hi]) column.clear()
    for (let event = 0; event < code.events; event++) {
      const kind = code.kind.at(event)
      const before = list.length
      lo.push(before)
      mid.push(before)
      if (isPoint(code, event, kind, maySuspend)) list.push(event)
      hi.push(list.length)
      if (kind === eventKind.end) hi.set(code.a.at(event), before)
      else if (kind === eventKind.else) mid.set(code.a.at(event), before)
    }
  }
}

function isPoint(
  code: FunctionCode,
  event: number,
  kind: number,
  maySuspend: (functionIndex: number) => boolean,
): boolean {
  switch (kind) {
    case eventKind.function:
    case eventKind.callIndirect:
    case eventKind.wait:
      return true
    case eventKind.loop:
      return code.extra.at(event) > 0
    case eventKind.call:
      return maySuspend(code.a.at(event))
    default:
      return false
  }
}
