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
  /** Told why something could not be made. */
  readonly onFailure?: ((message: string) => void) | undefined
}

/** What is being made for a guest, and how far that is. */
export interface Making {
  /** Machine code of its module, or twins to go on in it. */
  readonly what: 'code' | 'twins'
  readonly phase: CompilePhase
}

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
  #making: Making | null = null
  #failure: string | null = null
  #work: Promise<void> = Promise.resolve()

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
    if (this.#code === null) this.#work = this.#make('code', () => this.#makeCode())
  }

  /** The guest would go on in compiled code, if it could be entered with such frames. */
  ask(frames: readonly FramePoint[]): void {
    this.#work = this.#make('twins', () => this.#makeTwins(frames))
  }

  /** Gives up what is being made; resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#offer = () => {}
    this.#ending.abort()
    await this.#work
  }

  async #makeCode(): Promise<void> {
    const { compiler, module, twins } = this.#parts
    this.#code = await compiler.load(module, this.#watch('code'), twins)
    this.#offer(this.#code.native, null)
  }

  async #makeTwins(frames: readonly FramePoint[]): Promise<void> {
    const code = this.#code
    if (code === null) return
    const { compiler, module } = this.#parts
    this.#asked = chooseTwins(frames, code.points, this.#asked)
    this.#offer(null, await compiler.twins(module, code, this.#asked, this.#watch('twins')))
  }

  #watch(what: Making['what']): CompileWatch {
    const onPhase = (phase: CompilePhase): void => {
      if (this.#making !== null) this.#making = { what, phase }
    }
    return { signal: this.#ending.signal, onPhase }
  }

  async #make(what: Making['what'], work: () => Promise<void>): Promise<void> {
    this.#making = { what, phase: 'prepare' }
    this.#failure = null
    try {
      await this.#untilOwnEnd(work)
    } catch (error) {
      this.#offer(null, null)
      if (!this.#ending.signal.aborted) this.#fail(fromNative(error).message)
    } finally {
      this.#making = null
    }
  }

  #fail(message: string): void {
    this.#failure = message
    this.#parts.onFailure?.(message)
  }

  /** Another guest of the module may have begun to make it, and ended: then it is begun again. */
  async #untilOwnEnd(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work()
        return
      } catch (error) {
        const isAborted = error instanceof Error && error.name === 'AbortError'
        if (!isAborted || this.#ending.signal.aborted) throw error
      }
    }
  }
}
