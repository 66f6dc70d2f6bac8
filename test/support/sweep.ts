/**
 * The property at the heart of everything: for any program and any pause point, snapshot, end of the
 * process, new process, recover and run to the end give the same output, exit code and final state
 * as never pausing.
 */
import type { CrossCpu } from './cross-host.js'
import { inNewProcess } from './process-job.js'
import { carryAll } from './sweep-carry.js'
import type { Ending, Mismatch, Points, SweepJob, SweepProgram, SweepResults } from './sweep-job.js'
import { temporaryDirectory } from './temporary-directory.js'

export interface Sweep {
  /** Instructions of the whole run. */
  readonly instructions: number
  /** Pause points tried. */
  readonly points: number
  /** Snapshots recovered: one a point, or more. */
  readonly recoveries: number
  readonly mismatches: readonly Mismatch[]
  readonly ending: Ending
}

function perform<Kind extends SweepJob['kind']>(
  job: Extract<SweepJob, { kind: Kind }>,
): Promise<SweepResults[Kind]> {
  return inNewProcess('./sweep-worker.ts', job)
}

/** Sweeps pause points of a program. */
export async function sweep(program: SweepProgram, points: Points = 'all'): Promise<Sweep> {
  const [only] = await sweepAll([program], points)
  if (only === undefined) throw new Error(`${program.name} was not swept`)
  return only
}

/** Sweeps several programs. Snapshots are taken in one process and recovered in another, which
 *  starts when the first has ended. */
export async function sweepAll(
  programs: readonly SweepProgram[],
  points: Points = 'all',
): Promise<readonly Sweep[]> {
  await using folder = await temporaryDirectory()
  const stored = await perform({ kind: 'take', programs, home: folder.path, points })
  const recovered = await perform({ kind: 'recover', stored })
  return programs.map(({ name, filesFrom }, index) => {
    const one = stored[index]
    const mismatches = recovered[index]
    if (one === undefined || mismatches === undefined) throw new Error(`${name} was left out`)
    const { reference, positions, taken, endings } = one
    const wanted = positions.length * (filesFrom?.length ?? 1)
    if (taken.length !== wanted) throw new Error(`${name}: ${taken.length} of ${wanted} snapshots`)
    return {
      instructions: reference.instructions,
      points: positions.length,
      recoveries: taken.length,
      mismatches: [...endings.flatMap((it) => compareUnmoved(reference.ending, it)), ...mismatches],
      ending: reference.ending,
    }
  })
}

/** Sweeps pause points of a program that goes on on another CPU for a while, and comes back. */
export async function sweepAcross(
  program: SweepProgram,
  cpu: CrossCpu,
  points: Points = 'all',
): Promise<Sweep> {
  await using folder = await temporaryDirectory()
  const programs = [{ ...program, areWhole: true }]
  const [one] = await perform({ kind: 'take', programs, home: folder.path, points })
  if (one === undefined) throw new Error(`${program.name} was not swept`)
  const { stored, mismatches } = await carryAll(cpu, program, one)
  const [back = []] = await perform({ kind: 'recover', stored: [stored] })
  return {
    instructions: one.reference.instructions,
    points: one.positions.length,
    recoveries: one.taken.length + stored.taken.length,
    mismatches: [...mismatches, ...back],
    ending: one.reference.ending,
  }
}

/** Going on after a snapshot, without any recovery, must not be noticed either. */
function compareUnmoved(expected: Ending, actual: Ending): readonly Mismatch[] {
  const text = ({ outcome, stdout, stderr, files }: Ending): string =>
    [
      outcome,
      Buffer.from(stdout).toString('latin1'),
      Buffer.from(stderr).toString('latin1'),
      files,
    ].join('\n')
  const a = text(expected)
  const b = text(actual)
  return a === b ? [] : [{ position: -1, what: 'going on', expected: a, actual: b }]
}
