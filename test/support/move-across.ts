/** Guests that go to another CPU and back at any time, in compiled code or in the interpreter. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../src/core/snapshot/snapshot-files.js'
import type { Guest, Shell, SnapshotEntry } from '../../src/index.js'
import { adoptSnapshot } from './adopt-snapshot.js'
import { Collected } from './collected.js'
import { CodeThere } from './cross-compiled.js'
import { type CrossCpu, type HostReport, runHost } from './cross-host.js'
import type { Engine, Pauses } from './pause-job.js'
import { openWithCode } from './shell-with-code.js'
import { randomNumbers } from './sweep-points.js'
import { temporaryDirectory } from './temporary-directory.js'

/** Emulated, a guest gets not far in that time. */
const mostUsThere = 2000

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
  /** "open": twins are made of the frames at hand, there and here again. All of them by default. */
  readonly twins?: 'open'
}

export interface Moves {
  /** Snapshots taken here, each recovered there, and those taken there, each recovered here. */
  readonly taken: number
  readonly takenThere: number
  /** Times that a recovered guest moved into compiled code. */
  readonly crossings: number
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
  /** The guest stands where its entry function begins, which is called, not moved into. */
  readonly begins: boolean
}

/** Stores a guest so many times as it runs, or at all of its stops, each asked for as it goes on; each of its snapshots goes there, is stored there again,
 *  and what is stored there comes back. Every one of them runs to its end. */
export async function moveAcross(
  program: MovedProgram,
  cpu: CrossCpu,
  journey: Journey,
  pauses: Pauses,
): Promise<Moves> {
  await using folder = await temporaryDirectory()
  const shell = await openWithCode(storeIn(folder.path))
  try {
    const mover = new Mover(shell, program, cpu, journey, folder.path)
    return await mover.move(pauses)
  } finally {
    await shell.close()
  }
}

const storeIn = (folder: string): string => join(folder, 'store')

class Mover {
  readonly #shell: Shell
  readonly #program: MovedProgram
  readonly #cpu: CrossCpu
  readonly #journey: Journey
  readonly #folder: string
  readonly #mismatches: string[] = []
  #crossings = 0

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

  async move(pauses: Pauses): Promise<Moves> {
    const { expected, ms } = await this.#unpaused()
    const stored =
      typeof pauses === 'number'
        ? await this.#take(expected, pauses, (2 * ms) / pauses)
        : await this.#takeEach(expected)
    const reports = await this.#goThere(stored)
    let takenThere = 0
    for (const [index, { entry, stdout, begins }] of stored.entries()) {
      const report = reports[index]
      if (report === undefined) throw new Error('The host left one out')
      const written = readFileSync(join(this.#folder, 'output', `${index}.stdout`))
      this.#compare(`there, ${index}`, expected, {
        outcome: report.trap ?? `ended with exit code ${report.exitCode}`,
        stdout: Buffer.concat([stdout, written]),
      })
      this.#crossings += report.crossings
      const { from, there } = this.#journey
      const mustCross = from === 'aot' && there === 'aot' && !begins
      if (mustCross && report.crossings === 0) this.#notCompiled(`there, ${index}`)
      for (const { directory, stdoutBytes } of report.snapshots) {
        const until = Buffer.concat([stdout, written.subarray(0, stdoutBytes)])
        await this.#comeBack(expected, entry, directory, until)
        takenThere++
      }
    }
    const mismatches = this.#mismatches
    return { taken: stored.length, takenThere, crossings: this.#crossings, mismatches }
  }

  #run(paused: boolean): Promise<Guest> {
    const { module, name, args } = this.#program
    return this.#shell.run(module, {
      file: `${name}.wasm`,
      engine: this.#journey.from,
      twins: this.#journey.twins ?? 'all',
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
  async #take(expected: Run, count: number, mostMs: number): Promise<readonly Stored[]> {
    const random = randomNumbers(1)
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
        stored.push(await store(guest, stdout))
      }
      if (guest.state === 'paused') guest.resume()
      this.#compare('here', expected, await toEnd(guest, stdout))
    }
    return stored
  }

  /** Stores one guest at all of its stops. */
  async #takeEach(expected: Run): Promise<readonly Stored[]> {
    const guest = await this.#run(true)
    const stdout = new Collected(guest.stdout)
    guest.stderr?.resume()
    const stored: Stored[] = []
    while (guest.state === 'paused') {
      guest.resume()
      void guest.pause().catch(() => undefined)
      await guest.wait()
      if (guest.state === 'paused') stored.push(await store(guest, stdout))
    }
    this.#compare('here', expected, await toEnd(guest, stdout))
    return stored
  }

  async #goThere(stored: readonly Stored[]): Promise<readonly HostReport[]> {
    const { module } = this.#program
    const { there, level, twins = 'all' } = this.#journey
    const file = join(this.#folder, 'module.wasm')
    writeFileSync(file, module)
    const code =
      there === 'aot'
        ? await CodeThere.make(this.#shell, this.#cpu, module, this.#folder, {
            home: storeIn(this.#folder),
            level,
            twins,
          })
        : undefined
    mkdirSync(join(this.#folder, 'output'))
    const limits = stored[0]?.entry.manifest.limits
    return await runHost(
      this.#cpu,
      [
        `--sha256=${sha256(module)}`,
        ...stored.map(({ entry }) => `--recover=${entry.directory}`),
        ...(code === undefined ? [] : [`--compiled=${code.directory}`]),
        ...(code !== undefined && twins === 'open' ? ['--ask-twins'] : []),
        ...(limits === undefined ? [] : [`--stack=${limits.stackBytes}`]),
        '--pauses=1',
        `--pause-after-us=${mostUsThere}`,
        `--output=${join(this.#folder, 'output')}`,
        `--snapshots=${join(this.#folder, 'there')}`,
        file,
      ],
      (frames) => {
        if (code === undefined) throw new Error('An interpreted guest asked for twins')
        return code.twins(frames)
      },
    )
  }

  async #comeBack(
    expected: Run,
    before: SnapshotEntry,
    directory: string,
    until: Buffer,
  ): Promise<void> {
    const { module } = this.#program
    const { name } = await adoptSnapshot(this.#shell.store, { directory, before, module })
    const { there, back, twins = 'all' } = this.#journey
    const guest = await this.#shell.recover(name, {
      engine: back,
      twins,
      waitForCode: true,
      paused: true,
    })
    let crossings = 0
    guest.on('crossed', () => crossings++)
    const begins = isAtBeginning(guest)
    guest.resume()
    const { outcome, stdout } = await toEnd(guest, new Collected(guest.stdout))
    this.#crossings += crossings
    const mustCross = there === 'aot' && back === 'aot' && !begins
    if (mustCross && crossings === 0) this.#notCompiled(`back, ${directory}`)
    this.#compare(`back, ${directory}`, expected, {
      outcome,
      stdout: Buffer.concat([until, stdout]),
    })
  }

  #notCompiled(where: string): void {
    this.#mismatches.push(`${this.#program.name}, ${this.#cpu}, ${where}: was interpreted`)
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

/** A guest that stands still. */
async function store(guest: Guest, stdout: Collected): Promise<Stored> {
  await guest.whenWritten()
  const begins = isAtBeginning(guest)
  const entry = await guest.snapshot(undefined, { sync: false, parent: 'none' })
  return { entry, stdout: stdout.all(), begins }
}

function isAtBeginning(guest: Guest): boolean {
  const [innermost, outer] = guest.frames(0, 2)
  return innermost?.pc === 0 && outer === undefined
}

async function toEnd(guest: Guest, stdout: Collected): Promise<Run> {
  guest.stderr?.resume()
  const outcome = await guest.wait({ until: 'end' })
  const text = outcome.kind === 'ended' ? `ended with exit code ${outcome.code}` : outcome.kind
  return { outcome: text, stdout: Buffer.from(stdout.all()) }
}
