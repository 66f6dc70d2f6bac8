/**
 * Pauses at any time, as a person causes them: while the guest computes, or waits for its host. After
 * a snapshot, the end of the process and a recovery in a new one it must end as if nothing had been.
 */
import type { PauseJob, PauseProgram, PauseResults, Pauses } from './pause-job.js'
import { inNewProcess } from './process-job.js'
import { temporaryDirectory } from './temporary-directory.js'

export interface PauseSweep {
  readonly outcome: string
  readonly stdout: Uint8Array
  /** Host call in which each of the pauses met the guest, null for its own code. */
  readonly hostCalls: readonly (string | null)[]
  readonly mismatches: readonly string[]
}

/** Runs the program once to its end without a pause, and to its pauses. */
export async function sweepPauses(
  program: PauseProgram,
  pauses: Pauses,
  seed = 1,
): Promise<PauseSweep> {
  await using folder = await temporaryDirectory()
  const home = folder.path
  const guests = await perform({ kind: 'take', program, home, pauses, seed })
  const mismatches = await perform({
    kind: 'recover',
    home,
    guests,
    engines: program.recoverEngines ?? ['interp'],
  })
  const hostCalls = guests.paused.map(({ hostCall }) => hostCall)
  return { ...guests.unpaused, hostCalls, mismatches }
}

function perform<Kind extends PauseJob['kind']>(
  job: Extract<PauseJob, { kind: Kind }>,
): Promise<PauseResults[Kind]> {
  return inNewProcess('./pause-worker.ts', job)
}
