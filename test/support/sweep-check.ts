/** The second half of a sweep: what becomes of the snapshots in another process. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RecoverOptions, Shell } from '../../src/index.js'
import { copyOf, type Running, untilEnding, watch, withShell } from './sweep-guest.js'
import type { Ending, Mismatch, Reference, Stored, Taken } from './sweep-job.js'
import { firstDifference, stateOf } from './sweep-state.js'

/** Snapshots recovered at the same time. */
const recoveredAtOnce = 4

/** Recovers all snapshots of a program, and runs each to its end. */
export async function recoverAll(stored: Stored): Promise<readonly Mismatch[]> {
  const { taken, reference } = stored
  const check = stored.toCompiled ? compiledCheck() : checkInterpreted
  const mismatches: Mismatch[] = []
  for (const home of new Set(taken.map((point) => point.home))) {
    const here = taken.filter((point) => point.home === home)
    mismatches.push(...(await withShell(home, (shell) => checkAll(shell, here, reference, check))))
  }
  return mismatches
}

type Check = (
  shell: Shell,
  point: Taken,
  reference: Reference,
  isTwice: boolean,
) => Promise<readonly Mismatch[]>

/** Recovers one point, stopping before the last instruction to look; every so often a second time
 *  beside it, without a stop. */
const checkInterpreted: Check = async (shell, point, reference, isTwice) => {
  const [looked, unpaused] = await Promise.all([
    recoverAndLook(shell, point, reference),
    isTwice ? recoverAndRun(shell, point, reference) : [],
  ])
  return [...looked, ...unpaused]
}

/** Has each go on in compiled code, where nobody can stop in front of the last instruction. */
function compiledCheck(): Check {
  let crossings = 0
  return async (shell, point, reference) => {
    const begin = { engine: 'aot', twins: 'all', waitForCode: true, paused: true } as const
    const running = await recover(shell, point, begin)
    const { guest } = running
    guest.on('crossed', () => crossings++)
    guest.resume()
    const ending = await untilEnding(running)
    await guest.kill()
    const differences = compareEndings(point, reference.ending, ending)
    // Behind the last stable point there is no way into compiled code any more.
    if (crossings > 0) return differences
    return [...differences, mismatch(point, 'engine', 'compiled code', 'the interpreter')]
  }
}

async function recover(shell: Shell, point: Taken, options: RecoverOptions): Promise<Running> {
  const { home, snapshot, directory, filesFrom } = point
  const copy = copyOf(directory, home)
  const mapDirs = copy === '' ? {} : { mapDirs: [{ host: copy, guest: '/data' }] }
  if (filesFrom !== 'written') {
    return watch(await shell.recover(snapshot, { ...options, ...mapDirs }), copy)
  }
  const { paused, pauseAt, ...others } = options
  const guest = await shell.recover(snapshot, {
    ...others,
    ...mapDirs,
    flags: { overwrite: true },
    paused: true,
    counting: options.counting ?? pauseAt !== undefined,
  })
  const running = watch(guest, copy)
  removeReturned(running)
  if (paused !== true) guest.resume(pauseAt === undefined ? {} : { pauseAt })
  return running
}

/** Removes what the guest had removed and recovery has found there all the same. */
function removeReturned({ guest, directory }: Running): void {
  for (const { resource, reason } of guest.degradations) {
    if (!reason.startsWith('was removed by the guest')) continue
    rmSync(join(directory, resource.slice('/data/'.length)), { recursive: true })
  }
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
  { position, filesFrom }: Taken,
  what: string,
  expected: string,
  actual: string,
): Mismatch {
  const where = filesFrom === 'copy' ? '' : ` with files from "${filesFrom}"`
  return { position, what: `${what}${where}`, expected, actual }
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
  check: Check,
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
