import type { CodeEmitter } from './code-emitter.js'
import { op } from './opcodes.js'

/** A place in a sequence of instructions where a twin lands, for the points from `lo` to below
 *  `hi`. */
export interface Landing {
  readonly lo: number
  readonly hi: number
}

/** Comparisons up to this many; then a br_table, unless it would be mostly empty. */
const mostComparisons = 4
const mostEntriesALanding = 16

/**
 * Opens a block for each landing, the first innermost, and branches to the one of the point in
 * `local`. In a sequence that can also be run from its beginning (`fromStart`, point 0) execution
 * falls through to there.
 */
export function emitDispatch(
  emitter: CodeEmitter,
  local: number,
  landings: readonly Landing[],
  fromStart: boolean,
): void {
  const levels = landings.map(() => emitter.open(op.block)).reverse()
  const start = fromStart ? emitter.open(op.block) : undefined
  const lo = landings[0]?.lo ?? 0
  const hi = landings.at(-1)?.hi ?? 0
  if (start !== undefined) {
    emitter.localGet(local)
    emitter.out.byte(op.i32Eqz)
    emitter.br(start, op.brIf)
  }
  if (landings.length <= mostComparisons || hi - lo > mostEntriesALanding * landings.length) {
    emitComparisons(emitter, local, landings, levels)
  } else {
    emitTable(emitter, local, landings, levels)
  }
  if (start !== undefined) emitter.close()
}

function emitComparisons(
  emitter: CodeEmitter,
  local: number,
  landings: readonly Landing[],
  levels: readonly number[],
): void {
  const last = landings.length - 1
  for (const [index, { hi }] of landings.entries()) {
    const level = levels[index] ?? 0
    if (index === last) {
      emitter.br(level)
      return
    }
    emitter.localGet(local)
    emitter.i32Const(hi)
    emitter.out.byte(op.i32LtU)
    emitter.br(level, op.brIf)
  }
}

function emitTable(
  emitter: CodeEmitter,
  local: number,
  landings: readonly Landing[],
  levels: readonly number[],
): void {
  const lo = landings[0]?.lo ?? 0
  emitter.localGet(local)
  emitter.i32Const(lo)
  emitter.out.put(op.i32Sub, op.brTable)
  const hi = landings.at(-1)?.hi ?? 0
  emitter.out.u32(hi - lo)
  let index = 0
  for (let point = lo; point < hi; point++) {
    while (point >= (landings[index]?.hi ?? 0)) index++
    emitter.out.u32(emitter.level - (levels[index] ?? 0))
  }
  emitter.out.u32(emitter.level - (levels.at(-1) ?? 0))
}
