import { WasmshError } from '../errors.js'
import type { NativeAnswer, NativeRequest } from '../native.js'
import { errnoNumber } from '../oplog/wasi-names.js'
import { type HostCall, NotBegun } from '../plugin.js'
import { fromBits, toBits } from './call-values.js'
import { GuestCallMemory, type MemoryAccess } from './guest-call-memory.js'
import { importName, type PluginImport } from './import-type.js'
import type { ProvidedFiles } from './provided-files.js'

/** A host function of one guest. */
export interface BoundImport {
  readonly import: PluginImport
  readonly run: (call: HostCall, ...args: (number | bigint)[]) => unknown
}

/** What calls need of the guest that makes them. */
export interface CallServices {
  readonly guest: string
  readonly memory: MemoryAccess
  answer(request: bigint, answer: NativeAnswer): void
}

/** A plugin that a guest waits for. */
export interface CallHolder {
  readonly plugin: string
  /** "env.sensor_read". */
  readonly call: string
}

/** What a request comes to. */
export interface Job extends CallHolder {
  readonly run: (call: HostCall) => unknown
  /** What the answer is made of; null when the plugin gave something else than it has to. */
  readonly take: (value: unknown) => {
    readonly numbers: readonly bigint[]
    readonly bytes: Uint8Array | null
  } | null
  /** What it had to be: "i32". */
  readonly wanted?: string
}

/** A request that has not been answered. */
interface OpenCall extends CallHolder {
  readonly abort: AbortController
}

/** Threads are the guest's; it has one so far. */
const mainThread = 0

/**
 * Serves what a guest asks of plugins: runs the function, and answers with its result and with what
 * it wrote to memory.
 */
export class PluginCalls {
  readonly #imports: readonly BoundImport[]
  readonly #files: ProvidedFiles
  readonly #open = new Map<bigint, OpenCall>()
  #services: CallServices | null = null
  #waiting: { readonly id: bigint; readonly request: NativeRequest }[] | null = []
  #isStopping = false

  constructor(imports: readonly BoundImport[], files: ProvidedFiles) {
    this.#imports = imports
    this.#files = files
  }

  bind(services: CallServices): void {
    this.#services = services
  }

  /** From now on requests are served; those that came before wait until here. */
  open(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const { id, request } of waiting) this.take(id, request)
  }

  /** The guest is to stand still: whoever is at work settles, or says that it has not begun. */
  interrupt(): void {
    this.#isStopping = true
    for (const { abort } of this.#open.values()) abort.abort(stopped())
  }

  /** The guest stands still, or goes on after all. */
  goOn(): void {
    this.#isStopping = false
  }

  /** The guest is no more: nobody waits for an answer. */
  end(): void {
    this.interrupt()
    this.#open.clear()
    this.#waiting = []
  }

  /** Whom the guest waits for; null when for nobody. */
  holder(): CallHolder | null {
    const [first] = this.#open.values()
    return first ?? null
  }

  /** Never throws: native code calls. */
  take(id: bigint, request: NativeRequest): void {
    if (this.#waiting !== null) {
      this.#waiting.push({ id, request })
      return
    }
    const services = this.#services
    if (services === null) return
    const job =
      request.kind === 'call'
        ? importJob(this.#imports[request.target], request.numbers)
        : this.#files.job(request)
    if (job === null) {
      services.answer(id, {
        kind: 'failed',
        text: `no plugin has what ${request.kind} is asked of`,
      })
      return
    }
    this.#run(id, job, services)
  }

  #run(id: bigint, job: Job, services: CallServices): void {
    const abort = new AbortController()
    const open: OpenCall = { plugin: job.plugin, call: job.call, abort }
    this.#open.set(id, open)
    if (this.#isStopping) abort.abort(stopped())
    const memory = new GuestCallMemory(services.memory, job.call)
    const call: HostCall = {
      guest: { name: services.guest },
      thread: mainThread,
      memory,
      signal: abort.signal,
    }
    const settle = (answer: () => NativeAnswer): void => {
      const writes = memory.end()
      // After a kill nobody waits.
      if (!this.#open.delete(id)) return
      const made = answer()
      services.answer(id, made.kind === 'done' && made.error === 0 ? { ...made, writes } : made)
    }
    const done = (value: unknown): void => settle(() => doneWith(job, value))
    const failed = (error: unknown): void => settle(() => failedWith(open, error))
    let result: unknown
    try {
      result = job.run(call)
    } catch (error) {
      failed(error)
      return
    }
    if (isPromise(result)) result.then(done, failed)
    else done(result)
  }
}

function importJob(bound: BoundImport | undefined, numbers: readonly bigint[]): Job | null {
  if (bound === undefined) return null
  const { import: one, run } = bound
  const args = one.params.map(({ type }, index) => fromBits(type, numbers[index] ?? 0n))
  const [result] = one.results
  return {
    plugin: one.plugin,
    call: importName(one),
    run: (call) => run(call, ...args),
    take: (value) => {
      const bits = result === undefined ? null : toBits(result.type, value)
      if (result !== undefined && bits === null) return null
      return { numbers: bits === null ? [] : [bits], bytes: null }
    },
    ...(result === undefined ? {} : { wanted: result.type }),
  }
}

function stopped(): Error {
  return new NotBegun('The guest is to stand still')
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

function doneWith({ plugin, call, take, wanted }: Job, value: unknown): NativeAnswer {
  const taken = take(value)
  if (taken !== null) return { kind: 'done', error: 0, writes: [], ...taken }
  const shown = typeof value === 'bigint' ? `${value}n` : String(value)
  const what = wanted === undefined ? 'not what it has to' : `no ${wanted}`
  return failure(plugin, call, `returned ${shown}, which is ${what}`)
}

function failedWith({ plugin, call, abort }: OpenCall, error: unknown): NativeAnswer {
  const name = error instanceof Error ? error.name : ''
  // By name: the plugin may have other copies of these classes.
  if (name === 'NotBegun') {
    if (abort.signal.aborted) return { kind: 'not-begun' }
    return failure(plugin, call, 'gave up although nobody asked it to')
  }
  if (name === 'WasiError') {
    const errno = errnoNumber(String((error as { errno?: unknown }).errno))
    if (errno !== null && errno > 0) {
      return { kind: 'done', error: errno, numbers: [], writes: [], bytes: null }
    }
  }
  if (error instanceof WasmshError && error.code === 'ERR_WASMSH_MEMORY_RANGE') {
    return failure(plugin, call, 'out of bounds memory access')
  }
  return failure(plugin, call, error instanceof Error ? error.message : String(error))
}

/** Native code keeps 127 bytes of a trap's reason. */
const maxReasonBytes = 127

/** A trap that names the plugin and the function. */
function failure(plugin: string, call: string, reason: string): NativeAnswer {
  const line = `plugin ${plugin}, ${call}: ${reason.replace(/\p{Cc}+/gu, ' ')}`
  return { kind: 'failed', text: cutText(line, maxReasonBytes) }
}

function cutText(text: string, maxBytes: number): string {
  const bytes = new Uint8Array(maxBytes)
  const { read } = new TextEncoder().encodeInto(text, bytes)
  return text.slice(0, read)
}
