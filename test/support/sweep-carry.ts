/** The middle of a sweep across CPUs: snapshots are recovered on another CPU, go on, and are stored
 *  there again. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadNative } from '../../src/core/native.js'
import type { SnapshotEntry } from '../../src/core/snapshot/snapshot-entry.js'
import { sha256 } from '../../src/core/snapshot/snapshot-files.js'
import { Store } from '../../src/core/store/store.js'
import { adoptSnapshot } from './adopt-snapshot.js'
import { type CrossCpu, type HostReport, type HostSnapshot, runHost } from './cross-host.js'
import type { Mismatch, Reference, Stored, SweepProgram, Taken } from './sweep-job.js'

/** What carrying came to: the same sweep, with what the other CPU has stored. */
export interface Carried {
  readonly stored: Stored
  readonly mismatches: readonly Mismatch[]
}

/** How far a guest goes on the other CPU between two snapshots, at most. */
const mostSteps = 400

/**
 * Recovers each snapshot on another CPU and stores it twice: some instructions later, and in front of
 * the last one (or where it traps); then it runs to its end.
 */
export async function carryAll(
  cpu: CrossCpu,
  program: SweepProgram,
  stored: Stored,
): Promise<Carried> {
  const taken: Taken[] = []
  const mismatches: Mismatch[] = []
  for (const home of new Set(stored.taken.map((point) => point.home))) {
    const here = stored.taken.filter((point) => point.home === home)
    const carried = await new Carriage(cpu, program, stored.reference, home).carry(here)
    taken.push(...carried.taken)
    mismatches.push(...carried.mismatches)
  }
  return { stored: { ...stored, taken }, mismatches }
}

/** Carries the snapshots of one store. */
class Carriage {
  readonly #cpu: CrossCpu
  readonly #reference: Reference
  readonly #home: string
  readonly #store: Store
  readonly #module: string
  readonly #bytes: Uint8Array
  readonly #input: string
  readonly #folder: string

  constructor(cpu: CrossCpu, program: SweepProgram, reference: Reference, home: string) {
    this.#cpu = cpu
    this.#reference = reference
    this.#home = home
    this.#store = new Store({ home: join(home, 'store'), native: loadNative(), loadModule })
    this.#folder = mkdtempSync(join(home, `${cpu}-`))
    this.#bytes = typeof program.module === 'string' ? readFileSync(program.module) : program.module
    this.#module = join(this.#folder, 'module.wasm')
    writeFileSync(this.#module, this.#bytes)
    this.#input = join(this.#folder, 'stdin')
    writeFileSync(this.#input, program.stdin ?? '')
  }

  async carry(
    points: readonly Taken[],
  ): Promise<Pick<Carried, 'mismatches'> & Pick<Stored, 'taken'>> {
    const entries: SnapshotEntry[] = []
    for (const { snapshot } of points) entries.push(await this.#store.get(snapshot))
    const reports = await this.#run(points, entries)
    const taken: Taken[] = []
    const mismatches: Mismatch[] = []
    for (const [index, point] of points.entries()) {
      const [report, entry] = [reports[index], entries[index]]
      if (report === undefined || entry === undefined) throw new Error('The host left one out')
      mismatches.push(...this.#compare(index, point, report))
      for (const snapshot of report.snapshots) {
        taken.push(await this.#adopt(point, entry, snapshot))
      }
    }
    return { taken, mismatches }
  }

  #run(
    points: readonly Taken[],
    entries: readonly SnapshotEntry[],
  ): Promise<readonly HostReport[]> {
    const { last, ending } = this.#reference
    const traps = ending.outcome.startsWith('trapped')
    const recover = entries.map(({ directory }, index) => {
      const { position = 0 } = points[index] ?? {}
      // As far as there is a stop left in front of the last instruction.
      const steps = Math.min(1 + ((position * 7) % mostSteps), last - position - 1)
      return `--recover=${directory}${steps > 0 ? `,${steps}` : ''}`
    })
    const limits = entries[0]?.manifest.limits
    return runHost(this.#cpu, [
      `--sha256=${sha256(this.#bytes)}`,
      ...recover,
      ...(traps ? [] : [`--pause-at=${last}`]),
      ...(limits === undefined ? [] : [`--stack=${limits.stackBytes}`]),
      `--stdin=${this.#input}`,
      `--output=${join(this.#folder, 'output')}`,
      `--snapshots=${join(this.#folder, 'snapshots')}`,
      this.#module,
    ])
  }

  #output(index: number, stream: 'stdout' | 'stderr'): string {
    return readFileSync(join(this.#folder, 'output', `${index}.${stream}`), 'latin1')
  }

  #compare(index: number, point: Taken, report: HostReport): readonly Mismatch[] {
    const { ending } = this.#reference
    const rest = (bytes: Uint8Array, from: number): string =>
      Buffer.from(bytes).subarray(from).toString('latin1')
    const outcome =
      report.trap === null ? `ended with exit code ${report.exitCode}` : `trapped: ${report.trap}`
    const sides = [
      ['stdout', rest(ending.stdout, point.stdoutBytes), this.#output(index, 'stdout')],
      ['stderr', rest(ending.stderr, point.stderrBytes), this.#output(index, 'stderr')],
      // Where a trap was, and results, are in the state that is compared later.
      ['outcome', ending.outcome.slice(0, outcome.length), outcome],
    ] as const
    return sides.flatMap(([what, expected, actual]) =>
      expected === actual
        ? []
        : [{ position: point.position, what: `${what} on ${this.#cpu}`, expected, actual }],
    )
  }

  async #adopt(point: Taken, before: SnapshotEntry, from: HostSnapshot): Promise<Taken> {
    const { id } = await adoptSnapshot(this.#store, {
      directory: from.directory,
      before,
      module: this.#bytes,
      input: this.#input,
    })
    return {
      ...point,
      position: Number(from.position),
      home: this.#home,
      snapshot: id,
      stdoutBytes: point.stdoutBytes + from.stdoutBytes,
      stderrBytes: point.stderrBytes + from.stderrBytes,
    }
  }
}

async function loadModule(): Promise<never> {
  throw new Error('Stores of sweeps edit nothing')
}
