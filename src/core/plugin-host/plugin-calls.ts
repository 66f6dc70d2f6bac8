import { WasmshError } from '../errors.js'
import type { NativeAnswer, NativeRequest } from '../native.js'
import { type HostCall, NotBegun } from '../plugin.js'
import { fromBits, toBits } from './call-values.js'
import { GuestCallMemory, type MemoryAccess } from './guest-call-memory.js'
import { importName, type PluginImport } from './import-type.js'

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
  readonly #open = new Map<bigint, OpenCall>()
  #services: CallServices | null = null
  #waiting: { readonly id: bigint; readonly request: NativeRequest }[] | null = []
  #isStopping = false

  constructor(imports: readonly BoundImport[]) {
    this.#imports = imports
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
    const bound = this.#imports[request.target]
    const services = this.#services
    if (bound === undefined || services === null) return
    const what = importName(bound.import)
    const abort = new AbortController()
    const open: OpenCall = { plugin: bound.import.plugin, call: what, abort }
    this.#open.set(id, open)
    if (this.#isStopping) abort.abort(stopped())
    const memory = new GuestCallMemory(services.memory, what)
    const call: HostCall = {
      guest: { name: services.guest },
      thread: mainThread,
      memory,
      signal: abort.signal,
    }
    const args = bound.import.params.map(({ type }, index) =>
      fromBits(type, request.numbers[index] ?? 0n),
    )
    const settle = (answer: () => NativeAnswer): void => {
      const writes = memory.end()
      // After a kill nobody waits.
      if (!this.#open.delete(id)) return
      const made = answer()
      services.answer(id, made.kind === 'done' ? { ...made, writes } : made)
    }
    const done = (value: unknown): void => settle(() => doneWith(bound.import, value))
    const failed = (error: unknown): void => settle(() => failedWith(open, error))
    let result: unknown
    try {
      result = bound.run(call, ...args)
    } catch (error) {
      failed(error)
      return
    }
    if (isPromise(result)) result.then(done, failed)
    else done(result)
  }
}

function stopped(): Error {
  return new NotBegun('The guest is to stand still')
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

function doneWith(one: PluginImport, value: unknown): NativeAnswer {
  const [result] = one.results
  const bits = result === undefined ? 0n : toBits(result.type, value)
  if (bits === null) {
    const shown = typeof value === 'bigint' ? `${value}n` : String(value)
    return failure(one.plugin, importName(one), `returned ${shown}, which is no ${result?.type}`)
  }
  const numbers = result === undefined ? [] : [bits]
  return { kind: 'done', error: 0, numbers, writes: [], bytes: null }
}

function failedWith({ plugin, call, abort }: OpenCall, error: unknown): NativeAnswer {
  // By name: the plugin may have another copy of the class.
  if (error instanceof Error && error.name === 'NotBegun') {
    if (abort.signal.aborted) return { kind: 'not-begun' }
    return failure(plugin, call, 'gave up although nobody asked it to')
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
