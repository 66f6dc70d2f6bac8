/** The first half of a sweep: the run that was never paused, and snapshots of another. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Guest, Operation, Shell } from '../../src/index.js'
import {
  copyOf,
  makeDirectory,
  type Running,
  start,
  untilEnding,
  withShell,
} from './sweep-guest.js'
import type {
  Ending,
  FilesFrom,
  Points,
  Reference,
  Stored,
  SweepProgram,
  Taken,
} from './sweep-job.js'
import { choosePoints } from './sweep-points.js'
import { stateOf } from './sweep-state.js'

/** Snapshots in one store. */
const snapshotsPerStore = 64
/** Operations read from a log at once. */
const operationsAtOnce = 4096

const standardOutput = 1

/** Value of --contents for the files that a recovered guest is to find. */
const contents = { copy: 'none', all: 'all', written: 'written' } as const

/** Runs a program to its end, and takes snapshots of it. Every pass goes as far as its own points
 *  and then to the end, with a store of its own: small stores are fast. */
export async function takeAll(
  program: SweepProgram,
  home: string,
  points: Points,
): Promise<Stored> {
  const reference = await withShell(home, (shell) => takeReference(shell, program, home))
  const positions = choosePoints(points, reference)
  const ways = program.filesFrom?.length ?? 1
  // A start that takes long is gone through once.
  const perPass = program.skipStart ? positions.length : Math.ceil(snapshotsPerStore / ways)
  const taken: Taken[] = []
  const endings: Ending[] = []
  for (let from = 0; from < positions.length; from += perPass) {
    const folder = mkdtempSync(join(home, 'pass-'))
    const pass = positions.slice(from, from + perPass)
    const result = await withShell(folder, (shell) => take(shell, program, folder, pass))
    taken.push(...result.taken)
    endings.push(result.ending)
  }
  return { reference, toCompiled: program.toCompiled ?? false, positions, taken, endings }
}

async function takeReference(
  shell: Shell,
  program: SweepProgram,
  home: string,
): Promise<Reference> {
  const begin = (options: object): Promise<Running> =>
    start(shell, program, home, makeDirectory(program, home), options)

  const untouched = await begin({})
  const ending = await untilEnding(untouched)
  await untouched.guest.kill()

  const counted = await begin({ counting: true })
  await counted.guest.wait()
  const { position } = counted.guest.info()
  if (position === null) throw new Error('the instructions were not counted')
  const { first, hostCalls } = pointsIn(counted.guest, program.skipStart ?? false)
  if (counted.guest.state === 'trapped') {
    const state = stateOf(counted.guest)
    await counted.guest.kill()
    const last = Number(position)
    return { ending, instructions: last, first, last, state, hostCalls }
  }

  const last = position - 1n
  const looked = await begin({ pauseAt: last })
  await looked.guest.wait()
  const state = stateOf(looked.guest)
  await looked.guest.kill()
  const instructions = Number(position)
  return { ending, instructions, first, last: Number(last), state, hostCalls }
}

/** Where each host call of a run ended, and the first pause point. */
function pointsIn(
  { log }: Guest,
  skipStart: boolean,
): { readonly first: number; readonly hostCalls: readonly number[] } {
  if (log === null) throw new Error('the host calls were not recorded')
  const hostCalls: number[] = []
  let first = skipStart ? null : 0
  for (let next = 1n; ; ) {
    const operations = log.read(next, operationsAtOnce)
    const last = operations.at(-1)
    if (last === undefined) break
    for (const operation of operations) {
      const position = Number(operation.position ?? 0n)
      if (first === null && isOutput(operation)) first = position
      if (first !== null) hostCalls.push(position)
    }
    next = last.seq + 1n
  }
  if (first === null) throw new Error('nothing was written')
  return { first, hostCalls }
}

function isOutput({ call, parameters }: Operation): boolean {
  return call === 'fd_write' && parameters[0]?.value === BigInt(standardOutput)
}

async function take(
  shell: Shell,
  program: SweepProgram,
  home: string,
  positions: readonly number[],
): Promise<{ taken: readonly Taken[]; ending: Ending }> {
  const [first = 0, ...later] = positions
  const directory = makeDirectory(program, home)
  const before = program.filesFrom?.includes('written') ? copyOf(directory, home) : ''
  const running = await start(shell, program, home, directory, { pauseAt: BigInt(first) })
  const { guest } = running
  const taken: Taken[] = []
  for (const next of [...later, null]) {
    const outcome = await guest.wait()
    if (outcome.kind !== 'paused' && outcome.kind !== 'trapped') break
    for (const filesFrom of program.filesFrom ?? ['copy']) {
      taken.push(await takeOne(running, home, filesFrom, before, program.areWhole === true))
    }
    if (outcome.kind === 'trapped') break
    if (next === null) guest.resume()
    else guest.resume({ pauseAt: BigInt(next) })
  }
  const ending = await untilEnding(running)
  await guest.kill()
  return { taken, ending }
}

async function takeOne(
  { guest, stdout, stderr, directory }: Running,
  home: string,
  filesFrom: FilesFrom,
  before: string,
  isWhole: boolean,
): Promise<Taken> {
  const { position } = guest.info()
  const { name } = await guest.snapshot(`p${position}-${filesFrom}`, {
    sync: false,
    parent: isWhole ? 'none' : 'auto',
    ...(directory === '' ? {} : { flags: { contents: contents[filesFrom] } }),
  })
  const directories: Readonly<Record<FilesFrom, () => string>> = {
    copy: () => copyOf(directory, home),
    all: () => mkdtempSync(join(home, 'data-')),
    written: () => before,
  }
  return {
    position: Number(position),
    home,
    snapshot: name,
    stdoutBytes: stdout.bytes,
    stderrBytes: stderr.bytes,
    filesFrom,
    directory: directory === '' ? '' : directories[filesFrom](),
  }
}
