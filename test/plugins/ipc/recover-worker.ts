/** Recovers groups in a process of its own; see group.test.ts. */
import { openShell } from '../../../src/index.js'
import { performJob } from '../../support/process-job.js'
import { collect, exitCode } from './bench.js'

export interface RecoverJob {
  /** Folder of the store. */
  readonly home: string
  /** Groups to recover, one after the other. */
  readonly groups: readonly string[]
}

export interface RecoveredGroup {
  readonly group: string
  /** Of its guests, in their order. */
  readonly exitCodes: readonly number[]
  /** What the last of them wrote. */
  readonly output: Uint8Array
  readonly degradations: readonly string[]
  readonly error: string
}

performJob(async ({ home, groups }: RecoverJob): Promise<readonly RecoveredGroup[]> => {
  const shell = await openShell({ home })
  const results: RecoveredGroup[] = []
  for (const group of groups) {
    try {
      const guests = await shell.recoverGroup(group, {
        plainStreams: { stdin: 'null' },
        paused: true,
      })
      const output = collect(guests.at(-1)?.stdout ?? null)
      for (const guest of guests) guest.resume()
      const exitCodes = await Promise.all(guests.map(exitCode))
      const degradations = guests.flatMap((guest) =>
        guest.degradations.map(({ resource, reason }) => `${resource} ${reason}`),
      )
      results.push({ group, exitCodes, output: output.all(), degradations, error: '' })
    } catch (error) {
      results.push({
        group,
        exitCodes: [],
        output: new Uint8Array(),
        degradations: [],
        error: String(error),
      })
    }
  }
  await shell.close()
  return results
})
