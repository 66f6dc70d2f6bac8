/** The child processes of a sweep of asynchronous pauses; one job a process. See pause-sweep.ts. */
import { finished } from 'node:stream/promises'
import { type Guest, openShell, type Shell } from '../../src/index.js'
import { Collected } from './collected.js'
import type {
  PausedGuest,
  PausedGuests,
  PauseEnding,
  PauseJob,
  PauseProgram,
  PauseResults,
} from './pause-job.js'
import { performJob } from './process-job.js'
import { randomNumbers } from './sweep-points.js'
import { firstDifference, stateOf } from './sweep-state.js'

/** Guests that run at the same time. */
const atOnce = 3

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function untilEnding(guest: Guest, stdout: Collected): Promise<PauseEnding> {
  const outcome = await guest.wait({ until: 'end' })
  const text = outcome.kind === 'ended' ? `ended with exit code ${outcome.code}` : outcome.kind
  return { outcome: text, stdout: stdout.all() }
}

/** Runs it to its end; returns how long that took as well. */
async function runUnpaused(
  shell: Shell,
  { module, name, stdin = '' }: PauseProgram,
): Promise<{ readonly ending: PauseEnding; readonly ms: number }> {
  const start = performance.now()
  const guest = await shell.run(module, { file: name })
  guest.stdin?.end(stdin)
  const ending = await untilEnding(guest, new Collected(guest.stdout))
  return { ending, ms: performance.now() - start }
}

/** Pauses a new guest after about that many milliseconds; null when it had ended by then. */
async function takeOne(
  shell: Shell,
  program: PauseProgram,
  ms: number,
  random: () => number,
): Promise<PausedGuest | null> {
  const { module, name, stdin = '', isUnread = false } = program
  const guest = await shell.run(module, { file: name })
  const early = isUnread ? null : new Collected(guest.stdout)
  const given = Math.floor(random() * (stdin.length + 1))
  const pieces = 1 + Math.floor(random() * 4)
  for (let piece = 0; piece < pieces; piece++) {
    guest.stdin?.write(
      stdin.slice(Math.floor((given * piece) / pieces), Math.floor((given * (piece + 1)) / pieces)),
    )
    await pause((ms * random()) / pieces)
  }
  try {
    await guest.pause()
  } catch {
    return null
  }
  const { name: snapshot } = await guest.snapshot(undefined, { sync: false })
  const state = stateOf(guest)
  const { hostCall } = guest.info()
  const stdout = early ?? new Collected(guest.stdout)
  await guest.kill()
  if (guest.stdout !== null) await finished(guest.stdout)
  return { snapshot, state, hostCall, stdout: stdout.all(), stdin: stdin.slice(given) }
}

async function take(job: Extract<PauseJob, { kind: 'take' }>): Promise<PausedGuests> {
  const { program, home, count, seed } = job
  const shell = await openShell({ home })
  const random = randomNumbers(seed)
  const { ending, ms } = await runUnpaused(shell, program)
  const paused: PausedGuest[] = []
  const work = async (): Promise<void> => {
    while (paused.length < count) {
      const one = await takeOne(shell, program, ms * random(), random)
      if (one !== null && paused.length < count) paused.push(one)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await shell.close()
  return { unpaused: ending, paused }
}

/** Recovers one and lets it end; returns what differs. */
async function check(
  shell: Shell,
  before: PausedGuest,
  unpaused: PauseEnding,
): Promise<readonly string[]> {
  const guest = await shell.recover(before.snapshot, { paused: true })
  const stdout = new Collected(guest.stdout)
  const state = stateOf(guest)
  guest.resume()
  guest.stdin?.end(before.stdin)
  const ending = await untilEnding(guest, stdout)
  const whole = Buffer.concat([before.stdout, ending.stdout])
  const sides = [
    ['state', before.state, state],
    ['outcome', unpaused.outcome, ending.outcome],
    ['stdout', Buffer.from(unpaused.stdout).toString('latin1'), whole.toString('latin1')],
  ] as const
  return sides.flatMap(([what, expected, actual]) => {
    if (expected === actual) return []
    const [a, b] = firstDifference(expected, actual)
    return [`in ${before.hostCall ?? 'its own code'}, ${what} is ${b} instead of ${a}`]
  })
}

/** Recovers all of them, every fourth a second time at once. */
async function recover({
  home,
  guests,
}: Extract<PauseJob, { kind: 'recover' }>): Promise<readonly string[]> {
  const { paused, unpaused } = guests
  const shell = await openShell({ home })
  const waiting = paused.flatMap((one, index) => (index % 4 === 0 ? [one, one] : [one]))
  const differences: string[] = []
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      differences.push(...(await check(shell, one, unpaused)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await shell.close()
  return differences
}

performJob<PauseJob>(
  async (job): Promise<PauseResults[PauseJob['kind']]> =>
    job.kind === 'take' ? await take(job) : await recover(job),
)
