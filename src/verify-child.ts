/**
 * The process that does one job of a verification: it is sent the job, answers it and ends. It stands
 * here since its shell has the plugins that wasmsh comes with, of which core knows nothing.
 */
import { fromNative } from './core/errors.js'
import type { Shell } from './core/shell.js'
import { doJob } from './core/verify/verify-jobs.js'
import type { VerifyAnswer } from './core/verify/verify-process.js'
import type { VerifyJob, VerifyProgram } from './core/verify/verify-types.js'
import { openShell } from './open-shell.js'

async function open({ home, options }: VerifyProgram): Promise<Shell> {
  const { plugins = [], withoutPlugins = [] } = options
  const shell = await openShell({ home, withoutPlugins })
  for (const name of plugins) await shell.loadPlugin(name)
  return shell
}

async function answer(job: VerifyJob): Promise<VerifyAnswer> {
  try {
    const shell = await open(job.program)
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
