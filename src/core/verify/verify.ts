import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fromSystem, WasmshError } from '../errors.js'
import { compareRuns, failure } from './verify-compare.js'
import { copyDirectories } from './verify-files.js'
import { choosePositions, inChunks } from './verify-points.js'
import { inNewProcess } from './verify-process.js'
import { repeatWords } from './verify-repeat.js'
import type {
  Reference,
  RunResult,
  Stored,
  Taken,
  VerifyDifference,
  VerifyJob,
  VerifyMismatch,
  VerifyOptions,
  VerifyProgram,
  VerifyReport,
  VerifyResults,
} from './verify-types.js'

/** Points that share one run and one process that recovers them all. */
const chunkSize = 64

type Job<Kind extends VerifyJob['kind']> = Extract<VerifyJob, { kind: Kind }>

/**
 * Proves that a program survives: runs it untouched twice, then, for each of many pause points, runs
 * it to there, stores a snapshot, ends the process, recovers in a new one and runs it to the end.
 * Output, exit code, files, and the state before the last instruction must be the same.
 *
 * Works in a temporary folder with a store of its own; the directories given are only read.
 *
 * @throws WasmshError when the program cannot be run at all; differences are in the report
 */
export async function verify(file: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmsh-verify-'))
  try {
    return await new Verification(file, folder, options).run()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

class Verification {
  readonly #started = performance.now()
  readonly #mismatches: VerifyMismatch[] = []
  readonly #blocked: VerifyReport['blocked'][number][] = []
  readonly #program: VerifyProgram
  #copies = 0
  #total = 0
  #done = 0
  /** Points of the chunk under way, and how far that has got. */
  #current = 0
  #ticks = 0

  constructor(
    private readonly file: string,
    private readonly folder: string,
    private readonly options: VerifyOptions,
  ) {
    const { onProgress: _, signal: __, points: ___, at: ____, dirs: _____, ...rest } = options
    this.#program = { file: resolve(file), home: join(folder, 'store'), options: rest }
  }

  async run(): Promise<VerifyReport> {
    await this.#requireFile()
    const { reference, unstable } = await this.#reference()
    const isStable = unstable.length === 0
    const positions = choosePositions(this.options, reference.instructions)
    if (isStable) await this.#tryAll(positions, reference)
    const failed = this.#mismatches.length + this.#blocked.length
    return {
      file: this.file,
      seed: this.options.seed ?? 0n,
      outcome: reference.outcome,
      instructions: reference.instructions,
      unstable,
      points: isStable ? positions.length : 0,
      passed: isStable ? positions.length - failed : 0,
      blocked: this.#blocked,
      mismatches: this.#mismatches,
      elapsedMs: performance.now() - this.#started,
    }
  }

  async #requireFile(): Promise<void> {
    try {
      await readFile(this.file)
    } catch (error) {
      throw fromSystem('ERR_WASMSH_MODULE_FILE', `${this.file} cannot be read`, error)
    }
  }

  /** Three runs: plain, counted, and one that is looked at before its last instruction. */
  async #reference(): Promise<{
    readonly reference: Reference
    readonly unstable: readonly VerifyDifference[]
  }> {
    const plain = await this.#runOnce({ last: null, counting: false }, 0)
    const counted = await this.#runOnce({ last: null, counting: true }, 1)
    const { instructions } = counted
    if (instructions === null || instructions === 0n) {
      throw new WasmshError('ERR_WASMSH_INTERNAL', 'The instructions of the run were not counted')
    }
    const looked = await this.#runOnce({ last: instructions - 1n, counting: true }, 2)
    const compiled = this.options.engine === 'both' ? await this.#runCompiled() : plain
    this.options.onProgress?.({ phase: 'reference', done: 3, total: 3 })
    const reference = { ...plain, state: looked.state, instructions }
    const others = [counted, looked, compiled].map((other) => compareRuns(plain, other))
    return { reference, unstable: others.find((found) => found.length > 0) ?? [] }
  }

  /** Also finds out, before any point is tried, whether the program can be compiled here. */
  #runCompiled(): Promise<RunResult> {
    return this.#runOnce({ last: null, counting: false, engine: 'aot' }, 3)
  }

  async #runOnce(
    how: Pick<Job<'run'>, 'last' | 'counting'> & Partial<Pick<Job<'run'>, 'engine'>>,
    done: number,
  ): Promise<RunResult> {
    this.options.onProgress?.({ phase: 'reference', done, total: 3 })
    const dirs = await this.#copyDirs()
    return await this.#do<'run'>({
      kind: 'run',
      program: this.#program,
      dirs,
      engine: 'interp',
      ...how,
    })
  }

  #copyDirs(): Promise<Job<'run'>['dirs']> {
    return copyDirectories(this.options.dirs ?? [], join(this.folder, `run-${this.#copies++}`))
  }

  #do<Kind extends VerifyJob['kind']>(job: Job<Kind>): Promise<VerifyResults[Kind]> {
    return inNewProcess<Kind>(job, this.options.signal, () => {
      this.#ticks++
      this.#report()
    })
  }

  async #tryAll(positions: readonly bigint[], reference: Reference): Promise<void> {
    this.#total = positions.length
    for (const chunk of inChunks(positions, chunkSize)) {
      this.#current = chunk.length
      this.#ticks = 0
      await this.#tryChunk(chunk, reference)
      this.#done += chunk.length
    }
    this.#current = 0
    this.#report()
  }

  /** Taking a snapshot and recovering it are half a point each. */
  #report(): void {
    if (this.#total === 0) return
    const done = this.#done + Math.min(this.#current, Math.floor(this.#ticks / 2))
    this.options.onProgress?.({ phase: 'points', done, total: this.#total })
  }

  /** When the run that takes the snapshots fails as a whole, each point is tried alone. */
  async #tryChunk(chunk: readonly bigint[], reference: Reference): Promise<void> {
    const copies = join(this.folder, `points-${this.#copies++}`)
    // Small stores are fast; but compiled code is kept in the store, for all points.
    const isBoth = this.options.engine === 'both'
    const program = isBoth ? this.#program : { ...this.#program, home: join(copies, 'store') }
    let taken: VerifyResults['take']
    try {
      const dirs = await this.#copyDirs()
      taken = await this.#do<'take'>({ kind: 'take', program, dirs, positions: chunk, copies })
    } catch (error) {
      this.options.signal?.throwIfAborted()
      const [only, ...others] = chunk
      if (only === undefined) return
      if (others.length === 0) this.#note(only, chunk, [failure(error, reference)])
      else for (const position of chunk) await this.#tryChunk([position], reference)
      return
    }
    const { points, ...before } = taken
    const stored = points.flatMap((one) => this.#storedOrBlocked(one))
    const found = await this.#finish({ kind: 'finish', program, taken: stored, before, reference })
    for (const [index, { position }] of stored.entries()) {
      const differences = found[index] ?? []
      if (differences.length > 0) this.#note(position, chunk, differences)
    }
    await rm(copies, { recursive: true, force: true })
  }

  #storedOrBlocked({ snapshot, ...taken }: Taken): readonly Stored[] {
    if (snapshot !== null) return [{ ...taken, snapshot }]
    this.#blocked.push({ position: taken.position, blockers: taken.blockers })
    return []
  }

  /** When the process that recovers ends before its time, each snapshot gets one of its own. */
  async #finish(job: Job<'finish'>): Promise<VerifyResults['finish']> {
    try {
      return await this.#do<'finish'>(job)
    } catch (error) {
      this.options.signal?.throwIfAborted()
      if (job.taken.length < 2) return [[failure(error, job.reference)]]
      const found: (readonly VerifyDifference[])[] = []
      for (const one of job.taken) found.push(...(await this.#finish({ ...job, taken: [one] })))
      return found
    }
  }

  #note(
    position: bigint,
    chunk: readonly bigint[],
    differences: readonly VerifyDifference[],
  ): void {
    const upTo = chunk.filter((one) => one <= position)
    this.#mismatches.push({
      position,
      differences,
      repeat: repeatWords(this.file, this.options, upTo),
    })
  }
}
