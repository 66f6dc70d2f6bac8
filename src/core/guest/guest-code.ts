import type { FramePoint } from '../aot/twin-list.js'
import { chooseTwins } from '../compile/choose-twins.js'
import type { CodeTwins, CompilePhase } from '../compile/compile-job.js'
import type { CompileWatch } from '../compile/compile-process.js'
import type { Compiler, LoadedCode } from '../compile/compiler.js'
import { fromNative } from '../errors.js'
import type { Module } from '../module.js'
import type { NativeCompiled, NativeTwins } from '../native.js'

/** What a guest has of machine code, and how it gets more. */
export interface GuestCodeParts {
  readonly compiler: Compiler
  readonly module: Module
  /** What is there when the guest starts; null if it is to be made meanwhile. */
  readonly code: LoadedCode | null
  readonly twins: CodeTwins
  /** It gets quick twins before the best ones. */
  readonly takesQuick: boolean
  /** Told how long it took to make the code. */
  readonly onCode?: ((elapsedMs: number) => void) | undefined
  /** Told why something could not be made. */
  readonly onFailure?: ((message: string) => void) | undefined
}

/** What is being made for a guest, and how far that is. */
export interface Making {
  /** Machine code of its module, or twins to go on in it. */
  readonly what: 'code' | 'twins'
  readonly phase: CompilePhase
}

/** Stacks with more frames get no quick twins, whose native frames are larger. */
const mostQuickFrames = 256

/** So often, before it stands still again, a guest gets quick twins first and better ones later. */
const mostUpgrades = 3

/** Told what has been made; neither when there is nothing to be had. */
export type Offer = (compiled: NativeCompiled | null, twins: NativeTwins | null) => void

/**
 * Makes machine code for one guest while it runs: the code of its module, if that is not there, and
 * twins of its frames whenever it asks. Nothing of this ever holds the guest up; what fails leaves it
 * in the interpreter.
 */
export class GuestCode {
  readonly #parts: GuestCodeParts
  readonly #ending = new AbortController()
  #code: LoadedCode | null
  #offer: Offer = () => {}
  #asked: readonly FramePoint[] = []
  #upgrades = 0
  #making: Making | null = null
  #failure: string | null = null
  /** Ends the making of twins that were asked for before. */
  #older = new AbortController()
  #work: Promise<unknown> = Promise.resolve()

  constructor(parts: GuestCodeParts) {
    this.#parts = parts
    this.#code = parts.code
  }

  /** There is machine code for the guest. */
  get isReady(): boolean {
    return this.#code !== null
  }

  /** What is being made. */
  get making(): Making | null {
    return this.#making
  }

  /** Why what was asked for last could not be made. */
  get failure(): string | null {
    return this.#failure
  }

  /** The guest has been started. */
  attach(offer: Offer): void {
    this.#offer = offer
    if (this.#code !== null) return
    this.#work = this.#make('code', this.#ending.signal, (watch) => this.#makeCode(watch))
  }

  /** The guest stood still, and goes on. */
  goesOn(): void {
    this.#upgrades = 0
  }

  /** The guest would go on in compiled code, if it could be entered with such frames; `depth` counts
   *  them. */
  ask(frames: readonly FramePoint[], depth: number): void {
    const code = this.#code
    if (code === null) return
    const wanted = chooseTwins(frames, code.points, this.#asked)
    const isAsked = JSON.stringify(wanted) === JSON.stringify(this.#asked)
    if (isAsked && this.#making?.what === 'twins') return
    this.#asked = wanted
    this.#older.abort()
    this.#older = new AbortController()
    const signal = AbortSignal.any([this.#ending.signal, this.#older.signal])
    const made = this.#make('twins', signal, (watch) => this.#makeTwins(code, depth, watch))
    this.#work = Promise.all([this.#work, made])
  }

  /** Gives up what is being made; resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#offer = () => {}
    this.#ending.abort()
    await this.#work
  }

  async #makeCode(watch: CompileWatch): Promise<void> {
    const { compiler, module, twins, onCode } = this.#parts
    const begin = performance.now()
    this.#code = await compiler.load(module, watch, twins)
    this.#offer(this.#code.native, null)
    onCode?.(performance.now() - begin)
  }

  /** Quick twins first, so that the guest is interpreted for but a moment; then those that are as
   *  quick as the code itself. */
  async #makeTwins(code: LoadedCode, depth: number, watch: CompileWatch): Promise<void> {
    const { compiler, module } = this.#parts
    const wanted = this.#asked
    const offer = (twins: NativeTwins): void => {
      if (watch.signal?.aborted !== true) this.#offer(null, twins)
    }
    if (this.#mayBeQuick(depth)) {
      const ready = await compiler.findTwins(code, wanted)
      if (ready !== undefined) return offer(ready)
      this.#upgrades++
      offer(await compiler.twins(module, code, wanted, watch, true))
    }
    offer(await compiler.twins(module, code, wanted, watch))
  }

  #mayBeQuick(depth: number): boolean {
    const { takesQuick } = this.#parts
    return takesQuick && depth <= mostQuickFrames && this.#upgrades < mostUpgrades
  }

  async #make(
    what: Making['what'],
    signal: AbortSignal,
    work: (watch: CompileWatch) => Promise<void>,
  ): Promise<void> {
    let own: Making = { what, phase: 'prepare' }
    this.#making = own
    this.#failure = null
    const onPhase = (phase: CompilePhase): void => {
      if (this.#making !== own) return
      own = { what, phase }
      this.#making = own
    }
    try {
      await work({ signal, onPhase })
    } catch (error) {
      if (signal.aborted) return
      this.#offer(null, null)
      this.#fail(fromNative(error).message)
    } finally {
      if (this.#making === own) this.#making = null
    }
  }

  #fail(message: string): void {
    this.#failure = message
    this.#parts.onFailure?.(message)
  }
}
