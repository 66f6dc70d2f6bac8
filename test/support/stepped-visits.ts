import type { PointVisits } from '../../src/core/profile/profile.js'
import type { FrameInfo, Guest, Module } from '../../src/index.js'

/**
 * Steps a guest that is parked at its beginning through its whole run, and counts the visits of its
 * stable points by what happens to its frames: slow, and without anything of the counting
 * interpreter's.
 */
export async function steppedVisits(guest: Guest): Promise<readonly PointVisits[]> {
  const { module } = guest
  const table = await module.stablePoints()
  const counts = new Map<number, Map<number, number>>()
  const visit = ({ function: index, pc }: FrameInfo): void => {
    if (table.at(index, pc) === undefined) return
    const known = counts.get(index) ?? new Map<number, number>()
    known.set(pc, (known.get(pc) ?? 0) + 1)
    counts.set(index, known)
  }
  let before: readonly FrameInfo[] = []
  for (;;) {
    const frames = guest.frames()
    const [top] = frames
    if (top !== undefined && isJump(module, before, frames)) visit(top)
    const outcome = await guest.step(1)
    if (outcome.kind !== 'paused') break
    before = frames
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .flatMap(([index, pcs]) =>
      [...pcs].sort(([a], [b]) => a - b).map(([pc, visits]) => ({ function: index, pc, visits })),
    )
}

/** Whether the innermost frame got to its instruction by a call, a return or a branch back. */
function isJump(
  module: Module,
  before: readonly FrameInfo[],
  after: readonly FrameInfo[],
): boolean {
  const [from] = before
  const [to] = after
  if (from === undefined || to === undefined || before.length !== after.length) return true
  const [done] = module.disassemble(from.function, from.pc, 1)
  return to.pc <= from.pc || /^(return_)?call|\.wait/.test(done?.text ?? '')
}
