/** The child processes of a sweep of asynchronous pauses; one job a process. See pause-sweep.ts. */
import { finished } from 'node:stream/promises'
import type { Guest, RunOptions, Shell } from '../../src/index.js'
import { Collected } from './collected.js'
import type {
  Engine,
  PausedGuest,
  PausedGuests,
  PauseEnding,
  PauseJob,
  PauseProgram,
  PauseResults,
} from './pause-job.js'
import { performJob } from './process-job.js'
import { openWithCode } from './shell-with-code.js'
import { copyOf, makeDirectory } from './sweep-guest.js'
import { randomNumbers } from './sweep-points.js'
import { firstDifference, stateOf } from './sweep-state.js'
import { treeOf } from './sweep-tree.js'

/** Guests that run at the same time. */
const atOnce = 3

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A shell, and the folder for its guests' directories. */
interface Place {
  readonly shell: Shell
  readonly home: string
}

/** Starts it in a directory of its own. */
async function run(
  place: Place,
  program: PauseProgram,
  options: RunOptions,
): Promise<{ readonly guest: Guest; readonly directory: string }> {
  const { module, name, args, engine = 'interp', twins = 'all' } = program
  const directory = makeDirectory(program, place.home)
  const guest = await place.shell.run(module, {
    file: name,
    engine,
    twins,
    ...(args ? { args } : {}),
    ...(directory === '' ? {} : { dirs: [{ host: directory, guest: '/data' }] }),
    ...options,
  })
  return { guest, directory }
}

async function untilEnding(
  guest: Guest,
  stdout: Collected,
  directory: string,
): Promise<PauseEnding> {
  const outcome = await guest.wait({ until: 'end' })
  const text = outcome.kind === 'ended' ? `ended with exit code ${outcome.code}` : outcome.kind
  return { outcome: text, stdout: stdout.all(), files: directory === '' ? '' : treeOf(directory) }
}

/** Runs it to its end; returns how long that took as well. */
async function runUnpaused(
  place: Place,
  program: PauseProgram,
  options: RunOptions,
): Promise<{ readonly ending: PauseEnding; readonly ms: number }> {
  const { guest, directory } = await run(place, program, { ...options, paused: true })
  const start = performance.now()
  guest.resume()
  guest.stdin?.end(program.stdin ?? '')
  const ending = await untilEnding(guest, new Collected(guest.stdout), directory)
  return { ending, ms: performance.now() - start }
}

/** Pauses a new guest after about that many milliseconds; null when it had ended by then. */
async function takeOne(
  place: Place,
  program: PauseProgram,
  ms: number,
  random: () => number,
): Promise<PausedGuest | null> {
  const { stdin = '', isUnread = false } = program
  const { guest, directory } = await run(place, program, {})
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
  const copy = copyOf(directory, place.home)
  const { hostCall } = guest.info()
  const stdout = early ?? new Collected(guest.stdout)
  await guest.kill()
  if (guest.stdout !== null) await finished(guest.stdout)
  const rest = stdin.slice(given)
  return { snapshot, state, hostCall, stdout: stdout.all(), directory: copy, stdin: rest }
}

/** For one guest that is stopped over and over: time does not depend on it, and no read waits, which
 *  would be met again each time. */
const repeatable = { deterministic: true, stdin: 'null' } as const

/** Stores one guest, without input, at all of its stops: each is asked for as it goes on. */
async function takeEach(place: Place, program: PauseProgram): Promise<readonly PausedGuest[]> {
  const { guest, directory } = await run(place, program, { ...repeatable, paused: true })
  const stdout = new Collected(guest.stdout)
  guest.stderr?.resume()
  const paused: PausedGuest[] = []
  for (;;) {
    await guest.wait()
    if (guest.state !== 'paused') return paused
    await guest.whenWritten()
    const { name: snapshot } = await guest.snapshot(undefined, { sync: false })
    const { hostCall } = guest.info()
    paused.push({
      snapshot,
      state: stateOf(guest),
      hostCall,
      stdout: stdout.all(),
      directory: copyOf(directory, place.home),
      stdin: '',
    })
    guest.resume()
    // Stops at the next stable point; not at all when there is none.
    void guest.pause().catch(() => undefined)
  }
}

async function take(job: Extract<PauseJob, { kind: 'take' }>): Promise<PausedGuests> {
  const { program, home, pauses, seed } = job
  const shell = await openWithCode(home)
  const place = { shell, home }
  const isEach = pauses === 'as often as it stops'
  const { ending, ms } = await runUnpaused(place, program, isEach ? repeatable : {})
  const paused = isEach
    ? await takeEach(place, program)
    : await takeSome(place, program, { count: pauses, seed, ms })
  await shell.close()
  const { engine, twins = 'all', isQuick = false } = program
  return { unpaused: ending, paused, fromCompiled: engine === 'aot', twins, isQuick }
}

/** Stores new guests, each within so many milliseconds of its start. */
async function takeSome(
  place: Place,
  program: PauseProgram,
  { count, seed, ms }: { readonly count: number; readonly seed: number; readonly ms: number },
): Promise<readonly PausedGuest[]> {
  const random = randomNumbers(seed)
  const paused: PausedGuest[] = []
  const work = async (): Promise<void> => {
    while (paused.length < count) {
      const one = await takeOne(place, program, ms * random(), random)
      if (one !== null && paused.length < count) paused.push(one)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return paused
}

/** Recovers one and lets it end; returns what differs. */
async function check(
  place: Place,
  before: PausedGuest,
  { unpaused, fromCompiled, twins, isQuick }: PausedGuests,
  engine: Engine,
): Promise<readonly string[]> {
  const directory = copyOf(before.directory, place.home)
  const guest = await place.shell.recover(before.snapshot, {
    paused: true,
    engine,
    twins,
    waitForCode: isQuick ? 'quick' : true,
    ...(directory === '' ? {} : { mapDirs: [{ host: directory, guest: '/data' }] }),
  })
  let crossings = 0
  guest.on('crossed', () => crossings++)
  const [innermost, outer] = guest.frames(0, 2)
  const begins = innermost?.pc === 0 && outer === undefined
  const stdout = new Collected(guest.stdout)
  const state = stateOf(guest)
  guest.resume()
  guest.stdin?.end(before.stdin)
  const ending = await untilEnding(guest, stdout, directory)
  const whole = Buffer.concat([before.stdout, ending.stdout])
  const sides = [
    ['state', before.state, state],
    ['outcome', unpaused.outcome, ending.outcome],
    ['files', unpaused.files, ending.files],
    ['stdout', Buffer.from(unpaused.stdout).toString('latin1'), whole.toString('latin1')],
    // Compiled code stops where it can be entered; or it has not begun.
    ...(fromCompiled && engine === 'aot' && !begins
      ? [['crossings', '1', String(isQuick ? Math.min(crossings, 1) : crossings)] as const]
      : []),
  ] as const
  return sides.flatMap(([what, expected, actual]) => {
    if (expected === actual) return []
    const [a, b] = firstDifference(expected, actual)
    return [
      `to ${engine}, in ${before.hostCall ?? 'its own code'}, ${what} is ${b} instead of ${a}`,
    ]
  })
}

/** Recovers all of them, every fourth a second time at once. */
async function recover({
  home,
  guests,
  engines,
}: Extract<PauseJob, { kind: 'recover' }>): Promise<readonly string[]> {
  const { paused } = guests
  const shell = await openWithCode(home)
  const place = { shell, home }
  const waiting = engines.flatMap((engine) =>
    paused
      .flatMap((one, index) => (index % 4 === 0 ? [one, one] : [one]))
      .map((one) => ({ one, engine })),
  )
  const differences: string[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      differences.push(...(await check(place, next.one, guests, next.engine)))
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
