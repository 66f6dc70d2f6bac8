/** The child processes of a sweep; one job a process. See sweep.ts. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Guest,
  type Outcome,
  openShell,
  type RecoverOptions,
  type RunOptions,
  type Shell,
} from '../../src/index.js'
import { Collected } from './collected.js'
import { performJob } from './process-job.js'
import type {
  Ending,
  Mismatch,
  Reference,
  Stored,
  SweepJob,
  SweepProgram,
  SweepResults,
  Taken,
} from './sweep-job.js'
import { choosePoints } from './sweep-points.js'
import { filesBelow, firstDifference, stateOf } from './sweep-state.js'

/** Snapshots recovered at the same time. */
const recoveredAtOnce = 4
/** Snapshots in one store. */
const pointsPerStore = 64

/** A guest, its output so far and its directory on the host, "" without one. */
interface Running {
  readonly guest: Guest
  readonly stdout: Collected
  readonly stderr: Collected
  readonly directory: string
}

function watch(guest: Guest, directory: string): Running {
  const stdout = new Collected(guest.stdout)
  return { guest, stdout, stderr: new Collected(guest.stderr), directory }
}

async function start(
  shell: Shell,
  program: SweepProgram,
  home: string,
  options: RunOptions,
): Promise<Running> {
  const { files, stdin = '' } = program
  // A file, since when the bytes of a pipe arrive depends on the host.
  const input = join(mkdtempSync(join(home, 'input-')), 'stdin')
  writeFileSync(input, stdin)
  const directory = files === undefined ? '' : mkdtempSync(join(home, 'data-'))
  for (const [name, content] of Object.entries(files ?? {})) {
    writeFileSync(join(directory, name), content)
  }
  const { args, env, invoke, invokeArgs, stackBytes } = program
  const guest = await shell.run(program.module, {
    file: program.name,
    deterministic: true,
    stdin: { file: input },
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ...(invoke === undefined ? {} : { invoke }),
    ...(invokeArgs === undefined ? {} : { invokeArgs }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
    ...(directory === '' ? {} : { dirs: [{ host: directory, guest: '/data' }] }),
    ...options,
  })
  return watch(guest, directory)
}

function outcomeText(guest: Guest, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ended': {
      const results = guest.results.map(({ type, text }) => ` ${type} ${text}`).join('')
      return `ended with exit code ${outcome.code}${results}`
    }
    case 'trapped': {
      const { reason, function: index, pc } = outcome.trap
      return `trapped: ${reason} in function ${index} at pc ${pc}`
    }
    default:
      return outcome.kind
  }
}

/** Waits until the guest has ended or trapped; a trapped one is left as it is. */
async function untilEnding({ guest, stdout, stderr, directory }: Running): Promise<Ending> {
  const outcome = await guest.wait()
  return {
    outcome: outcomeText(guest, outcome),
    stdout: stdout.all(),
    stderr: stderr.all(),
    files: directory === '' ? '' : filesBelow(directory),
  }
}

async function takeReference(
  shell: Shell,
  program: SweepProgram,
  home: string,
): Promise<Reference> {
  const untouched = await start(shell, program, home, {})
  const ending = await untilEnding(untouched)
  await untouched.guest.kill()

  const counted = await start(shell, program, home, { counting: true })
  await counted.guest.wait()
  const { position } = counted.guest.info()
  if (position === null) throw new Error('the instructions were not counted')
  if (counted.guest.state === 'trapped') {
    const state = stateOf(counted.guest)
    await counted.guest.kill()
    return { ending, instructions: Number(position), last: Number(position), state }
  }

  const last = position - 1n
  const looked = await start(shell, program, home, { pauseAt: last })
  await looked.guest.wait()
  const state = stateOf(looked.guest)
  await looked.guest.kill()
  return { ending, instructions: Number(position), last: Number(last), state }
}

async function take(
  shell: Shell,
  program: SweepProgram,
  home: string,
  positions: readonly number[],
): Promise<{ taken: readonly Taken[]; ending: Ending }> {
  const [first = 0, ...later] = positions
  const running = await start(shell, program, home, { pauseAt: BigInt(first) })
  const { guest, stdout, stderr, directory } = running
  const taken: Taken[] = []
  for (const next of [...later, null]) {
    const outcome = await guest.wait()
    const { position } = guest.info()
    if (outcome.kind !== 'paused' && outcome.kind !== 'trapped') break
    const { name } = await guest.snapshot(`p${position}`, { sync: false })
    taken.push({
      position: Number(position),
      home,
      snapshot: name,
      stdoutBytes: stdout.bytes,
      stderrBytes: stderr.bytes,
      directory: copyOf(directory, home),
    })
    if (outcome.kind === 'trapped') break
    if (next === null) guest.resume()
    else guest.resume({ pauseAt: BigInt(next) })
  }
  const ending = await untilEnding(running)
  await guest.kill()
  return { taken, ending }
}

/** Copies a guest's directory; "" for a guest without one. */
function copyOf(directory: string, home: string): string {
  if (directory === '') return ''
  const copy = mkdtempSync(join(home, 'data-'))
  // Keeps times to the nanosecond, unlike Node: recovery tells by them what was changed.
  execFileSync('cp', ['-a', '--', `${directory}/.`, copy])
  return copy
}

/** Recovers one point, stopping before the last instruction to look; every so often a second time
 *  beside it, without a stop. */
async function check(
  shell: Shell,
  point: Taken,
  reference: Reference,
  isTwice: boolean,
): Promise<readonly Mismatch[]> {
  const [looked, unpaused] = await Promise.all([
    recoverAndLook(shell, point, reference),
    isTwice ? recoverAndRun(shell, point, reference) : [],
  ])
  return [...looked, ...unpaused]
}

async function recover(shell: Shell, point: Taken, options: RecoverOptions): Promise<Running> {
  const { home, snapshot, directory } = point
  const copy = copyOf(directory, home)
  const guest = await shell.recover(snapshot, {
    ...options,
    ...(copy === '' ? {} : { mapDirs: [{ host: copy, guest: '/data' }] }),
  })
  return watch(guest, copy)
}

async function recoverAndLook(
  shell: Shell,
  point: Taken,
  reference: Reference,
): Promise<readonly Mismatch[]> {
  const running = await recover(shell, point, whereToLook(point, reference))
  const { guest } = running
  const mismatches: Mismatch[] = []
  const outcome = await guest.wait()
  if (outcome.kind === 'ended') {
    mismatches.push(mismatch(point, 'stop', `paused at ${reference.last}`, 'ended'))
  } else {
    const state = stateOf(guest)
    if (state !== reference.state) {
      mismatches.push(mismatch(point, 'state', ...firstDifference(reference.state, state)))
    }
    // A trapped guest tries its instruction again, and must trap again.
    guest.resume()
  }
  const ending = await untilEnding(running)
  await guest.kill()
  return [...mismatches, ...compareEndings(point, reference.ending, ending)]
}

/** A trap is run into; otherwise a stop is needed in front of the last instruction. */
function whereToLook(point: Taken, { ending, last }: Reference): RecoverOptions {
  if (ending.outcome.startsWith('trapped')) return { counting: true }
  return point.position >= last ? { paused: true } : { pauseAt: BigInt(last) }
}

async function recoverAndRun(
  shell: Shell,
  point: Taken,
  reference: Reference,
): Promise<readonly Mismatch[]> {
  const running = await recover(shell, point, {})
  const ending = await untilEnding(running)
  await running.guest.kill()
  return compareEndings(point, reference.ending, ending)
}

function mismatch(
  { position }: { readonly position: number },
  what: string,
  expected: string,
  actual: string,
): Mismatch {
  return { position, what, expected, actual }
}

function compareEndings(point: Taken, expected: Ending, actual: Ending): readonly Mismatch[] {
  const output = (bytes: Uint8Array, from: number): string =>
    Buffer.from(bytes).subarray(from).toString('latin1')
  const { stdoutBytes, stderrBytes } = point
  const sides = [
    ['outcome', expected.outcome, actual.outcome],
    ['stdout', output(expected.stdout, stdoutBytes), output(actual.stdout, 0)],
    ['stderr', output(expected.stderr, stderrBytes), output(actual.stderr, 0)],
    ['files', expected.files, actual.files],
  ] as const
  return sides.flatMap(([what, a, b]) =>
    a === b ? [] : [mismatch(point, what, ...firstDifference(a, b))],
  )
}

async function checkAll(
  shell: Shell,
  points: readonly Taken[],
  reference: Reference,
): Promise<readonly Mismatch[]> {
  const mismatches: Mismatch[] = []
  const waiting = points.map((point, index) => ({ point, isTwice: index % 4 === 0 }))
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        mismatches.push(...(await check(shell, next.point, reference, next.isTwice)))
      } catch (error) {
        mismatches.push(mismatch(next.point, 'error', 'none', String(error)))
      }
    }
  }
  await Promise.all(Array.from({ length: recoveredAtOnce }, work))
  return mismatches.sort((a, b) => a.position - b.position)
}

/** Opens a shell over the store of that folder, for as long as `use` takes. */
async function withShell<Result>(
  home: string,
  use: (shell: Shell) => Promise<Result>,
): Promise<Result> {
  const shell = await openShell({ home: join(home, 'store') })
  try {
    return await use(shell)
  } finally {
    await shell.close()
  }
}

/** The whole run, and snapshots of it. Every pass goes as far as its own points and then to the end,
 *  with a store of its own: small stores are fast. */
async function takeAll(
  program: SweepProgram,
  home: string,
  choose: (reference: Reference) => readonly number[],
): Promise<Stored> {
  const reference = await withShell(home, (shell) => takeReference(shell, program, home))
  const positions = choose(reference)
  const taken: Taken[] = []
  const endings: Ending[] = []
  for (let from = 0; from < positions.length; from += pointsPerStore) {
    const folder = mkdtempSync(join(home, 'pass-'))
    const pass = positions.slice(from, from + pointsPerStore)
    const result = await withShell(folder, (shell) => take(shell, program, folder, pass))
    taken.push(...result.taken)
    endings.push(result.ending)
  }
  return { reference, taken, endings }
}

async function recoverAll({ taken, reference }: Stored): Promise<readonly Mismatch[]> {
  const mismatches: Mismatch[] = []
  for (const home of new Set(taken.map((point) => point.home))) {
    const here = taken.filter((point) => point.home === home)
    mismatches.push(...(await withShell(home, (shell) => checkAll(shell, here, reference))))
  }
  return mismatches
}

async function perform(job: SweepJob): Promise<SweepResults[keyof SweepResults]> {
  if (job.kind === 'recover') {
    const results: (readonly Mismatch[])[] = []
    for (const one of job.stored) results.push(await recoverAll(one))
    return results
  }
  const { programs, home, points } = job
  const results: Stored[] = []
  for (const program of programs) {
    results.push(await takeAll(program, home, ({ last }) => choosePoints(points, last)))
  }
  return results
}

performJob(perform)
