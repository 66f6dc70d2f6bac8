/** The child processes of a sweep; one job a process. See sweep.ts. */
import { performJob } from './process-job.js'
import { recoverAll } from './sweep-check.js'
import type { Mismatch, Stored, SweepJob, SweepResults } from './sweep-job.js'
import { takeAll } from './sweep-take.js'

async function perform(job: SweepJob): Promise<SweepResults[keyof SweepResults]> {
  if (job.kind === 'recover') {
    const results: (readonly Mismatch[])[] = []
    for (const one of job.stored) results.push(await recoverAll(one))
    return results
  }
  const { programs, home, points } = job
  const results: Stored[] = []
  for (const program of programs) results.push(await takeAll(program, home, points))
  return results
}

performJob(perform)
