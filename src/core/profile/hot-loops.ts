import type { StablePoints } from '../aot/stable-points.js'
import type { Module } from '../module.js'
import { type Profile, readProfile } from './profile.js'

/** A loop by its stable point. */
export interface LoopPoint {
  readonly function: number
  /** Number of the point in its function. */
  readonly point: number
}

/** A hot loop goes round at least once for so many rounds of all loops, and so often in all. */
const leastShare = 1 / 100
const leastVisits = 1000

/**
 * The hot loops of a module by a profile's file.
 *
 * @throws WasmshError ERR_WASMSH_PROFILE_FILE, ERR_WASMSH_PROFILE_INVALID, ERR_WASMSH_PROFILE_MODULE
 */
export async function readHotLoops(module: Module, file: string): Promise<readonly LoopPoint[]> {
  const [profile, table] = await Promise.all([readProfile(file), module.stablePoints()])
  profile.requireFor(module, table, file)
  return hotLoops(profile, table)
}

/** The loops that a program spends its rounds in, by function and point. */
export function hotLoops(profile: Profile, table: StablePoints): readonly LoopPoint[] {
  const loops = profile.points.flatMap(({ function: index, pc, visits }) => {
    const point = table.at(index, pc)
    return point?.kind === 'loop' ? [{ function: index, point: point.number, visits }] : []
  })
  const all = loops.reduce((sum, { visits }) => sum + visits, 0)
  return loops
    .filter(({ visits }) => visits >= Math.max(leastVisits, all * leastShare))
    .map(({ function: index, point }) => ({ function: index, point }))
    .sort((a, b) => a.function - b.function || a.point - b.point)
}
