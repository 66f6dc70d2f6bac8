/**
 * Two guests that share a pipe, paused before and after every host call of either side, stored
 * together, recovered in a new process: no byte is lost or repeated.
 */
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Guest, Shell } from '../../../src/index.js'
import { inNewProcess } from '../../support/process-job.js'
import { suite } from '../../support/suite.js'
import { compileWat } from '../../support/wat.js'
import { bench, collect, exitCode, pipesOf, until } from './bench.js'
import { relay, sender, sequence } from './pipe-guests.js'
import type { RecoveredGroup, RecoverJob } from './recover-worker.js'

type Side = 'writer' | 'reader'

interface Pair {
  /** Modules of the two. */
  readonly writer: Uint8Array
  readonly reader: Uint8Array
  readonly total: number
}

/** Positions before and after each host call of one side, in a run that nobody pauses. */
async function hostCalls(shell: Shell, pair: Pair, side: Side): Promise<readonly bigint[]> {
  const guests = await start(shell, pair, side, null, 'probe')
  await Promise.all([guests.writer, guests.reader].map(exitCode))
  const positions = (guests[side].log?.read(1n, 100_000) ?? []).flatMap(({ position }) =>
    position === null ? [] : [position - 1n, position],
  )
  return [...new Set(positions)]
}

async function start(
  shell: Shell,
  pair: Pair,
  side: Side,
  pauseAt: bigint | null,
  name: string,
): Promise<{ readonly writer: Guest; readonly reader: Guest }> {
  const made = pipesOf(shell).create(name, 4096)
  const stop = (one: Side) =>
    one !== side ? {} : pauseAt === null ? { counting: true } : { pauseAt }
  const target = { resource: `pipe:${made.name}` }
  const writer = await shell.run(pair.writer, {
    ...stop('writer'),
    name: `${name}-writer`,
    stdin: 'null',
    stdout: target,
  })
  const reader = await shell.run(pair.reader, {
    ...stop('reader'),
    name: `${name}-reader`,
    stdin: target,
  })
  return { writer, reader }
}

interface Taken {
  readonly group: string
  /** Bytes that the reader had written by then. */
  readonly written: number
  /** What was written in all without any recovery. */
  readonly output: Uint8Array
}

/** Stores the pair when one side stands at a position, then lets it go on to its end; null when that
 *  position is its end. */
async function take(shell: Shell, pair: Pair, side: Side, position: bigint): Promise<Taken | null> {
  const group = `${side}-${position}`
  const guests = await start(shell, pair, side, position, group)
  const output = collect(guests.reader.stdout)
  const paused = guests[side]
  if ((await paused.wait()).kind === 'ended') return null
  // The other side runs as far as it can.
  const other = side === 'writer' ? guests.reader : guests.writer
  const pipe = pipesOf(shell).get(group)
  if (side === 'reader') {
    await until(() => other.state === 'ended' || other.info().hostCall !== null)
  }
  if (other.state === 'running') await other.pause().catch(() => undefined)
  await shell.snapshotGroup(shell.groupOf(paused), group, { sync: false })
  const written = Number(guests.reader.info().stdoutBytes)
  for (const guest of [paused, other]) if (guest.state === 'paused') guest.resume()
  await Promise.all([guests.writer, guests.reader].map(exitCode))
  pipesOf(shell).remove(pipe)
  return { group, written, output: output.all() }
}

async function sweep(pair: Pair): Promise<{ readonly points: number; readonly wrong: string[] }> {
  const expected = sequence(pair.total)
  const taken: Taken[] = []
  await using b = await bench()
  for (const side of ['writer', 'reader'] as const) {
    const positions = await hostCalls(b.shell, pair, side)
    pipesOf(b.shell).remove(pipesOf(b.shell).get('probe'))
    for (const position of positions) {
      const one = await take(b.shell, pair, side, position)
      if (one !== null) taken.push(one)
    }
  }
  // Another process has the store now.
  const results = await inNewProcess<RecoverJob, readonly RecoveredGroup[]>(
    '../plugins/ipc/recover-worker.ts',
    { home: join(b.folder, 'store'), groups: taken.map(({ group }) => group) },
  )
  const wrong: string[] = []
  for (const [at, { group, written, output }] of taken.entries()) {
    const result = results[at]
    if (!Buffer.from(output).equals(expected)) wrong.push(`${group}: going on differs`)
    if (result === undefined || result.error !== '') wrong.push(`${group}: ${result?.error}`)
    else if (result.exitCodes.some((code) => code !== 0))
      wrong.push(`${group}: ${result.exitCodes}`)
    else if (!Buffer.from(result.output).equals(expected.subarray(written))) {
      const { length } = result.output
      wrong.push(`${group}: ${length} bytes instead of ${expected.length - written}, or others`)
    }
  }
  return { points: taken.length, wrong }
}

async function pairOf(total: number, piece: number, size: number): Promise<Pair> {
  const writer = await compileWat(sender(1, total, piece))
  return { writer, reader: await compileWat(relay(0, 1, size)), total }
}

suite('a pair of guests, stored at every host call', (test) => {
  test('loses and repeats nothing when writes are done in one piece', async () => {
    const { points, wrong } = await sweep(await pairOf(6000, 500, 700))
    assert.equal(wrong, [])
    assert.ok(points > 40, `${points} points`)
  })

  test('loses and repeats nothing when writes wait half-way', async () => {
    const { points, wrong } = await sweep(await pairOf(30_000, 6000, 1900))
    assert.equal(wrong, [])
    assert.ok(points > 40, `${points} points`)
  })
}, 240_000)
