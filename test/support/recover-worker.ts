/** Recovers a snapshot in a process of its own, as another user where it is told to. */
import { openShell, type RecoverOptions } from '../../src/index.js'
import { describeError } from '../../src/shell/json.js'
import { performJob } from './process-job.js'

export interface RecoverJob {
  readonly home: string
  readonly snapshot: string
  /** User to become before anything is touched. */
  readonly uid?: number
  readonly options: RecoverOptions
}

export interface RecoverAnswer {
  readonly error: ReturnType<typeof describeError> | null
  /** Guests that are left. */
  readonly guests: number
}

async function perform({ home, snapshot, uid, options }: RecoverJob): Promise<RecoverAnswer> {
  if (uid !== undefined) {
    process.setgroups?.([])
    process.setgid?.(uid)
    process.setuid?.(uid)
  }
  const shell = await openShell({ home })
  try {
    const guest = await shell.recover(snapshot, { stdout: 'null', ...options })
    await guest.kill()
    return { error: null, guests: 0 }
  } catch (error) {
    return { error: describeError(error), guests: shell.guests().length }
  } finally {
    await shell.close()
  }
}

performJob(perform)
