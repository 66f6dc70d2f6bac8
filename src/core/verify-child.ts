/** The process that does one job of a verification: it is sent the job, answers it and ends. */
import { fromNative } from './errors.js'
import { openShell } from './shell.js'
import { doJob } from './verify-jobs.js'
import type { VerifyAnswer } from './verify-process.js'
import type { VerifyJob } from './verify-types.js'

async function answer(job: VerifyJob): Promise<VerifyAnswer> {
  try {
    const shell = await openShell({ home: job.program.home })
    const result = await doJob(shell, job)
    await shell.close()
    return { result }
  } catch (error) {
    const { code, message, hint } = fromNative(error)
    return { code, message, hint }
  }
}

process.once('message', (job) => {
  void answer(job as VerifyJob).then((result) => {
    process.send?.(result, () => process.exit(0))
  })
})
