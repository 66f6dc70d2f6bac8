import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { WasmshError } from '../errors.js'
import type { Outcome } from '../guest/events.js'
import type { Guest } from '../guest/guest.js'
import type { RunOptions } from '../guest/run-options.js'
import type { Module } from '../module.js'
import { requireCountable } from '../run/engine-choice.js'
import type { Shell } from '../shell.js'
import { compareRuns, failure } from './verify-compare.js'
import { copyDirectories, digestDirectories } from './verify-files.js'
import { digestState } from './verify-state.js'
import type {
  Output,
  RunResult,
  Stored,
  Taken,
  VerifyDifference,
  VerifyJob,
  VerifyProgram,
  VerifyResults,
} from './verify-types.js'

type Job<Kind extends VerifyJob['kind']> = Extract<VerifyJob, { kind: Kind }>

/** Most output that is kept of one run. */
const maxOutputBytes = 512 * 1024 * 1024

/** Does one job in this process; `tick` is called after each point. */
export async function doJob(
  shell: Shell,
  job: VerifyJob,
  tick: () => void,
): Promise<VerifyResults[VerifyJob['kind']]> {
  switch (job.kind) {
    case 'run':
      return await runJob(shell, job)
    case 'take':
      return await takeJob(shell, job, tick)
    case 'finish':
      return await finishJob(shell, job, tick)
  }
}

/** Options of every run of a verification: repeatable, output by pipes. */
function runOptions({ options }: VerifyProgram, dirs: Job<'run'>['dirs']): RunOptions {
  const { seed = 0n, stdin = 'null', deterministic = {}, ...others } = options
  const { engine: _, plugins: __, withoutPlugins: ___, ...rest } = others
  return { ...rest, stdin, dirs, deterministic: { seed, ...deterministic } }
}

/** Collects what a stream delivers. */
class Collected {
  readonly #parts: Buffer[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  constructor(stream: Readable | null) {
    stream?.on('data', (part: Buffer) => {
      this.#bytes += part.length
      if (this.#bytes <= maxOutputBytes) this.#parts.push(part)
    })
  }

  all(): Uint8Array {
    if (this.#bytes <= maxOutputBytes) return Buffer.concat(this.#parts)
    throw new WasmshError('ERR_WASMSH_VERIFY_OUTPUT', 'The guest wrote more than 512 MiB')
  }
}

export function describeOutcome(outcome: Outcome, module: Module): string {
  switch (outcome.kind) {
    case 'ended':
      return `ended with exit code ${outcome.code}`
    case 'trapped': {
      const { reason, function: index, pc } = outcome.trap
      const where =
        index === null || pc === null
          ? 'somewhere'
          : `at ${module.functionName(index)}+0x${pc.toString(16)}`
      return `trapped ${where}: ${reason}`
    }
    case 'paused':
      return `paused (${outcome.reason})`
    case 'killed':
    case 'timeout':
      return outcome.kind
  }
}

async function runJob(shell: Shell, job: Job<'run'>): Promise<RunResult> {
  const { program, dirs, last, counting, engine } = job
  const options = { ...runOptions(program, dirs), counting, engine }
  requireCountable(await shell.loadModule(program.file))
  const guest = await shell.run(
    program.file,
    last === null ? options : { ...options, pauseAt: last },
  )
  return await watchToEnd(guest, last, dirs)
}

/** Recovers each snapshot in turn; one that fails does not keep the others from being tried. */
async function finishJob(
  shell: Shell,
  { program, taken, before, reference }: Job<'finish'>,
  tick: () => void,
): Promise<VerifyResults['finish']> {
  const finished: (readonly VerifyDifference[])[] = []
  for (const one of taken) {
    try {
      const last = reference.instructions - 1n
      const isBoth = program.options.engine === 'both'
      const rest = isBoth ? await crossOver(shell, one) : await finishOne(shell, one, last)
      finished.push(compareRuns(reference, withBefore(before, one, rest)))
    } catch (error) {
      finished.push([failure(error, reference)])
    }
    tick()
  }
  return finished
}

/** The output of both processes together. */
function withBefore(before: Output, taken: Stored, rest: RunResult): RunResult {
  return {
    ...rest,
    stdout: Buffer.concat([before.stdout.subarray(0, taken.stdoutBytes), rest.stdout]),
    stderr: Buffer.concat([before.stderr.subarray(0, taken.stderrBytes), rest.stderr]),
  }
}

async function finishOne(shell: Shell, taken: Stored, last: bigint): Promise<RunResult> {
  const guest = await shell.recover(taken.snapshot, {
    mapDirs: taken.dirs,
    engine: 'interp',
    ...(taken.position < last ? { pauseAt: last } : { paused: true, counting: true }),
  })
  return await watchToEnd(guest, last, taken.dirs)
}

/** Goes on in compiled code up to a stable point, and from there in the interpreter. */
async function crossOver(shell: Shell, { snapshot, dirs }: Stored): Promise<RunResult> {
  const inCode = { mapDirs: dirs, engine: 'aot', waitForCode: true, paused: true } as const
  const compiled = await shell.recover(snapshot, inCode)
  const stdout = new Collected(compiled.stdout)
  const stderr = new Collected(compiled.stderr)
  const crossed = new Promise<void>((resolve) => {
    compiled.once('crossed', resolve)
    compiled.on('state', () => void (compiled.state !== 'running' && resolve()))
  })
  compiled.resume()
  await crossed
  // It may have ended by then.
  await compiled.pause().catch(() => undefined)
  if (compiled.state !== 'paused' || compiled.blockers().length > 0) {
    if (compiled.state === 'paused') compiled.resume()
    return await ending(compiled, { stdout, stderr }, dirs)
  }
  await compiled.whenWritten()
  const { name } = await compiled.snapshot(undefined, { sync: false })
  await compiled.kill()
  const interpreted = await shell.recover(name, { mapDirs: dirs, engine: 'interp' })
  const rest = await watchToEnd(interpreted, null, dirs)
  return {
    ...rest,
    stdout: Buffer.concat([stdout.all(), rest.stdout]),
    stderr: Buffer.concat([stderr.all(), rest.stderr]),
  }
}

/** Looks at the state at `last`, then lets the guest run to its end. */
async function watchToEnd(
  guest: Guest,
  last: bigint | null,
  dirs: Job<'run'>['dirs'],
): Promise<RunResult> {
  const stdout = new Collected(guest.stdout)
  const stderr = new Collected(guest.stderr)
  let state: string | null = null
  const outcome = await guest.wait()
  if (last !== null && outcome.kind === 'paused') {
    state = digestState(guest)
    guest.resume()
  }
  return { ...(await ending(guest, { stdout, stderr }, dirs)), state }
}

/** Waits for the end of a guest that runs. */
async function ending(
  guest: Guest,
  { stdout, stderr }: { readonly stdout: Collected; readonly stderr: Collected },
  dirs: Job<'run'>['dirs'],
): Promise<RunResult> {
  const outcome = await guest.wait()
  const { position } = guest.info()
  // The trapping instruction counts: a guest that ended has executed its last one, too.
  const instructions = position !== null && outcome.kind === 'trapped' ? position + 1n : position
  if (guest.state === 'trapped') await guest.kill()
  return {
    instructions,
    outcome: describeOutcome(outcome, guest.module),
    stdout: stdout.all(),
    stderr: stderr.all(),
    files: await digestDirectories(dirs),
    state: null,
  }
}

/** One run, stopped at each position in turn; each snapshot is stored against the one before. */
async function takeJob(
  shell: Shell,
  { program, dirs, positions, copies }: Job<'take'>,
  tick: () => void,
): Promise<VerifyResults['take']> {
  const first = positions[0] ?? 0n
  const guest = await shell.run(program.file, { ...runOptions(program, dirs), pauseAt: first })
  const stdout = new Collected(guest.stdout)
  const stderr = new Collected(guest.stderr)
  const taken: Taken[] = []
  for (const [index, position] of positions.entries()) {
    if (index > 0) guest.resume({ pauseAt: position })
    const outcome = await guest.wait()
    if (outcome.kind !== 'paused' || guest.info().position !== position) {
      const where = `instead of stopping at position ${position} the guest ${describeOutcome(outcome, guest.module)}`
      throw new WasmshError('ERR_WASMSH_VERIFY_POSITION', where)
    }
    const blockers = guest.blockers()
    const name = `at-${position}`
    if (blockers.length === 0) await guest.snapshot(name, { sync: false, force: true })
    taken.push({
      position,
      snapshot: blockers.length === 0 ? name : null,
      blockers,
      stdoutBytes: stdout.bytes,
      stderrBytes: stderr.bytes,
      dirs: await copyDirectories(dirs, join(copies, name)),
    })
    tick()
  }
  await guest.kill()
  return { points: taken, stdout: stdout.all(), stderr: stderr.all() }
}
