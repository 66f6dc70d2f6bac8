/** Guests that go to another CPU and back at any time, in compiled code or in the interpreter. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../src/core/snapshot/snapshot-files.js'
import { type Guest, openShell, type Shell, type SnapshotEntry } from '../../src/index.js'
import { adoptSnapshot } from './adopt-snapshot.js'
import { Collected } from './collected.js'
import { compileFor } from './cross-compiled.js'
import { type CrossCpu, type HostReport, runHost } from './cross-host.js'
import type { Engine } from './pause-job.js'
import { randomNumbers } from './sweep-points.js'
import { temporaryDirectory } from './temporary-directory.js'

export interface MovedProgram {
  readonly name: string
  readonly module: Uint8Array
  readonly args?: readonly string[]
}

/** Which engine runs the guest here at first, there, and here again. */
export interface Journey {
  readonly from: Engine
  readonly there: Engine
  readonly back: Engine
  /** Of optimization of the code there; 3 by default. */
  readonly level?: number
}

export interface Moves {
  /** Snapshots taken here, and those that were taken there. */
  readonly taken: number
  readonly takenThere: number
  /** What differs from a run that was never paused, a line each. */
  readonly mismatches: readonly string[]
}

interface Run {
  readonly outcome: string
  readonly stdout: Buffer
}

/** A snapshot, and what the guest had written until then. */
interface Stored {
  readonly entry: SnapshotEntry
  readonly stdout: Buffer
}

/** Stores a guest so many times as it runs; each of its snapshots goes there, is stored there again,
 *  and what is stored there comes back. Every one of them runs to its end. */
export async function moveAcross(
  program: MovedProgram,
  cpu: CrossCpu,
  journey: Journey,
  { count, seed = 1 }: { readonly count: number; readonly seed?: number },
): Promise<Moves> {
  await using folder = await temporaryDirectory()
  const shell = await openShell({ home: join(folder.path, 'store') })
  try {
    const mover = new Mover(shell, program, cpu, journey, folder.path)
    return await mover.move(count, randomNumbers(seed))
  } finally {
    await shell.close()
  }
}

class Mover {
  readonly #shell: Shell
  readonly #program: MovedProgram
  readonly #cpu: CrossCpu
  readonly #journey: Journey
  readonly #folder: string
  readonly #mismatches: string[] = []

  constructor(
    shell: Shell,
    program: MovedProgram,
    cpu: CrossCpu,
    journey: Journey,
    folder: string,
  ) {
    this.#shell = shell
    this.#program = program
    this.#cpu = cpu
    this.#journey = journey
    this.#folder = folder
  }

  async move(count: number, random: () => number): Promise<Moves> {
    const { expected, ms } = await this.#unpaused()
    const stored = await this.#take(expected, count, (2 * ms) / count, random)
    const reports = await this.#goThere(stored)
    let takenThere = 0
    for (const [index, { entry, stdout }] of stored.entries()) {
      const report = reports[index]
      if (report === undefined) throw new Error('The host left one out')
      const written = readFileSync(join(this.#folder, 'output', `${index}.stdout`))
      this.#compare(`there, ${index}`, expected, {
        outcome: report.trap ?? `ended with exit code ${report.exitCode}`,
        stdout: Buffer.concat([stdout, written]),
      })
      for (const { directory, stdoutBytes } of report.snapshots) {
        const until = Buffer.concat([stdout, written.subarray(0, stdoutBytes)])
        await this.#comeBack(expected, entry, directory, until)
        takenThere++
      }
    }
    return { taken: stored.length, takenThere, mismatches: this.#mismatches }
  }

  #run(paused: boolean): Promise<Guest> {
    const { module, name, args } = this.#program
    return this.#shell.run(module, {
      file: `${name}.wasm`,
      engine: this.#journey.from,
      deterministic: true,
      stdin: 'null',
      paused,
      ...(args === undefined ? {} : { args }),
    })
  }

  async #unpaused(): Promise<{ readonly expected: Run; readonly ms: number }> {
    const guest = await this.#run(true)
    const start = performance.now()
    guest.resume()
    const expected = await toEnd(guest, new Collected(guest.stdout))
    return { expected, ms: performance.now() - start }
  }

  /** Stores one guest again and again; starts another when it has ended. */
  async #take(
    expected: Run,
    count: number,
    mostMs: number,
    random: () => number,
  ): Promise<readonly Stored[]> {
    const stored: Stored[] = []
    while (stored.length < count) {
      const guest = await this.#run(true)
      const stdout = new Collected(guest.stdout)
      guest.stderr?.resume()
      while (stored.length < count) {
        guest.resume()
        await new Promise((resolve) => setTimeout(resolve, random() * mostMs))
        // One that has ended cannot be paused any more.
        await guest.pause().catch(() => undefined)
        if (guest.state !== 'paused') break
        await guest.whenWritten()
        const entry = await guest.snapshot(undefined, { sync: false, parent: 'none' })
        stored.push({ entry, stdout: stdout.all() })
      }
      if (guest.state === 'paused') guest.resume()
      this.#compare('here', expected, await toEnd(guest, stdout))
    }
    return stored
  }

  async #goThere(stored: readonly Stored[]): Promise<readonly HostReport[]> {
    const { module } = this.#program
    const file = join(this.#folder, 'module.wasm')
    writeFileSync(file, module)
    const code = join(this.#folder, 'code')
    const isCompiled = this.#journey.there === 'aot'
    const { level = 3 } = this.#journey
    if (isCompiled) await compileFor(this.#cpu, module, code, { level })
    mkdirSync(join(this.#folder, 'output'))
    const limits = stored[0]?.entry.manifest.limits
    return await runHost(this.#cpu, [
      `--sha256=${sha256(module)}`,
      ...stored.map(({ entry }) => `--recover=${entry.directory}`),
      ...(isCompiled ? [`--compiled=${code}`] : []),
      ...(limits === undefined ? [] : [`--stack=${limits.stackBytes}`]),
      '--pauses=1',
      '--pause-after-us=2000',
      `--output=${join(this.#folder, 'output')}`,
      `--snapshots=${join(this.#folder, 'there')}`,
      file,
    ])
  }

  async #comeBack(
    expected: Run,
    before: SnapshotEntry,
    directory: string,
    until: Buffer,
  ): Promise<void> {
    const { module } = this.#program
    const { name } = await adoptSnapshot(this.#shell.store, { directory, before, module })
    const guest = await this.#shell.recover(name, { engine: this.#journey.back })
    const { outcome, stdout } = await toEnd(guest, new Collected(guest.stdout))
    this.#compare(`back, ${directory}`, expected, {
      outcome,
      stdout: Buffer.concat([until, stdout]),
    })
  }

  #compare(where: string, expected: Run, actual: Run): void {
    const name = `${this.#program.name}, ${this.#cpu}, ${where}`
    if (expected.outcome !== actual.outcome) {
      this.#mismatches.push(`${name}: ${actual.outcome} instead of ${expected.outcome}`)
    }
    if (!expected.stdout.equals(actual.stdout)) {
      const hex = (bytes: Buffer): string => bytes.toString('hex').slice(0, 400)
      this.#mismatches.push(`${name}: wrote ${hex(actual.stdout)}, not ${hex(expected.stdout)}`)
    }
  }
}

async function toEnd(guest: Guest, stdout: Collected): Promise<Run> {
  guest.stderr?.resume()
  const outcome = await guest.wait({ until: 'end' })
  const text = outcome.kind === 'ended' ? `ended with exit code ${outcome.code}` : outcome.kind
  return { outcome: text, stdout: Buffer.from(stdout.all()) }
}
