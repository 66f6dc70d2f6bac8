/** A piece of a test that is done in a process of its own: what ends with a process is then gone. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Answer<Result> {
  readonly result?: Result
  readonly error?: string
}

/** Has a script beside this file, which calls `performJob`, do one job. Resolves when its process has
 *  ended. */
export function inNewProcess<Job extends object, Result>(
  script: string,
  job: Job,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let answer: Answer<Result> | undefined
    child.on('message', (message: Answer<Result>) => {
      answer = message
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (answer?.result !== undefined && code === 0) return resolve(answer.result)
      reject(new Error(answer?.error ?? `${script} ended with ${signal ?? `exit code ${code}`}`))
    })
    child.send(job)
  })
}

/** The other side: performs the one job of this process. */
export function performJob<Job extends object>(perform: (job: Job) => Promise<object>): void {
  // Nothing is left to do when the test is gone, whatever the guests do.
  process.once('disconnect', () => process.exit())
  process.once('message', (job: Job) => {
    perform(job).then(
      (result) => process.send?.({ result }, () => process.disconnect()),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        process.send?.({ error: text }, () => process.disconnect())
      },
    )
  })
}
