import { WasmshError } from '../../core/errors.js'
import type { PipeServices, SharedResources } from '../../core/plugin.js'
import { Pipe } from './pipe.js'
import { isToken, requirePipeName } from './target.js'

/** How the pipes of pipelines are listed: "|1", "|2". */
const unnamed = '|'

/** The pipes of one shell, by name. */
export class Pipes implements SharedResources {
  readonly #services: PipeServices
  readonly #pipes = new Map<string, Pipe>()
  readonly #byToken = new Map<string, Pipe>()

  constructor(services: PipeServices) {
    this.#services = services
  }

  get services(): PipeServices {
    return this.#services
  }

  /** In the order in which they were made. */
  all(): readonly Pipe[] {
    return [...this.#pipes.values()]
  }

  /** Makes a pipe that somebody named; both ends are held until guests have them.
   *  @throws WasmshError ERR_WASMSH_PIPE_NAME, ERR_WASMSH_PIPE_EXISTS, ERR_WASMSH_PIPE_CAPACITY,
   *    ERR_WASMSH_DESCRIPTORS_EXHAUSTED */
  create(name: string, capacity: number | null = null): Pipe {
    requirePipeName(name)
    if (this.#pipes.has(name)) {
      throw new WasmshError('ERR_WASMSH_PIPE_EXISTS', `There is a pipe "${name}" already`)
    }
    return this.#add(new Pipe(this.#services, name, capacity))
  }

  /** The pipe that a target names; those of pipelines are made when they are first named.
   *  @throws WasmshError ERR_WASMSH_PIPE_UNKNOWN */
  get(name: string): Pipe {
    const found = this.#pipes.get(name) ?? this.#byToken.get(name)
    if (found !== undefined) return found
    if (isToken(name)) {
      const pipe = this.#add(new Pipe(this.#services, this.#freeName(unnamed), null, null, true))
      this.#byToken.set(name, pipe)
      return pipe
    }
    const names = this.all().map((pipe) => `"${pipe.name}"`)
    throw new WasmshError('ERR_WASMSH_PIPE_UNKNOWN', `There is no pipe "${name}"`, {
      hint: `Make it with "pipe ${name}"${names.length === 0 ? '' : `; there is ${names.join(', ')}`}.`,
    })
  }

  /** Brings a pipe of a snapshot back, under its name or, where that is taken, another one. */
  restore(name: string, capacity: number | null, origin: string | null): Pipe {
    return this.#add(new Pipe(this.#services, this.#freeName(name), capacity, origin, true))
  }

  /** A pipe that stands for one of a snapshot and waits for further ends. */
  findRestored(origin: string): Pipe | undefined {
    return this.all().find((pipe) => pipe.origin === origin)
  }

  /** Closes a pipe at our side: guests that have an end keep it. */
  remove(pipe: Pipe): void {
    if (!this.#pipes.delete(pipe.name)) return
    for (const [token, one] of this.#byToken) if (one === pipe) this.#byToken.delete(token)
    pipe.close()
  }

  /** Forgets a pipe that nobody named and nobody has open. */
  tidy(pipe: Pipe): void {
    const isUsed = pipe.ends.length > 0 || pipe.isHeld('read') || pipe.isHeld('write')
    if (!isUsed && pipe.isTransient) this.remove(pipe)
  }

  dispose(): void {
    for (const pipe of this.all()) this.remove(pipe)
  }

  #add(pipe: Pipe): Pipe {
    this.#pipes.set(pipe.name, pipe)
    return pipe
  }

  #freeName(wanted: string): string {
    if (wanted !== unnamed && !this.#pipes.has(wanted)) return wanted
    const isUnnamed = wanted.startsWith(unnamed)
    const stem = isUnnamed ? unnamed : `${wanted}-`
    let number = isUnnamed ? 1 : 2
    while (this.#pipes.has(`${stem}${number}`)) number++
    return `${stem}${number}`
  }
}
