/** The process that does one job of a verification: it is sent the job, answers it and ends. */
import { fromNative } from '../errors.js'
import { openShell } from '../shell.js'
import { doJob } from './verify-jobs.js'
import type { VerifyAnswer } from './verify-process.js'
import type { VerifyJob } from './verify-types.js'

async function answer(job: VerifyJob): Promise<VerifyAnswer> {
  try {
    const shell = await openShell({ home: job.program.home })
    const result = await doJob(shell, job, () => process.send?.({ tick: true }))
    await shell.close()
    return { result }
  } catch (error) {
    const { code, message, hint } = fromNative(error)
    return { code, message, hint }
  }
}

// Whoever asked has gone: a guest may never end by itself.
process.once('disconnect', () => process.exit(1))
process.once('message', (job) => {
  void answer(job as VerifyJob).then((result) => {
    process.send?.(result, () => process.exit(0))
  })
})
