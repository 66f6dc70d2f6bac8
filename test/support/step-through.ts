import type { SuspendableModule } from '../../src/core/aot/instrument.js'
import { startExport } from '../../src/core/aot/interface-names.js'
import { StablePoints } from '../../src/core/aot/stable-points.js'
import {
  type SpilledFrame,
  type SpilledState,
  SuspendedGuest,
  type Turn,
} from './suspended-guest.js'
import { type V8Exports, type V8Function, type V8Imports, type V8Value, v8 } from './v8.js'

/** A program for Node's own engine, and how it is called. */
export interface V8Program {
  readonly bytes: Uint8Array
  /** Calls in turn; those of exports that are not there are left out. */
  readonly calls: readonly { readonly name: string; readonly values?: readonly V8Value[] }[]
  /** Makes the host of a run. */
  readonly host: () => V8Host
}

export interface V8Host {
  readonly imports: V8Imports
  /** Told of every instance that is about to run. */
  attach(exports: V8Exports): void
  /** What an import returns that was not performed, unless anything will do. */
  unperformed?(name: string): V8Value | V8Value[]
  /** What the guest has done to its host. */
  outcome(): string
}

export interface Run {
  /** Results, traps and what the host saw, as text. */
  readonly outcome: string
  readonly stops: number
}

/** Runs the original module. */
export function runPlain({ bytes, calls, host }: V8Program): Run {
  const own = host()
  const instance = new v8.Instance(new v8.Module(bytes), own.imports)
  own.attach(instance.exports)
  const lines: string[] = []
  for (const { name, values = [] } of calls) {
    const call = instance.exports[name] as V8Function | undefined
    if (call === undefined) continue
    lines.push(resultOf(() => asList(call(...values))))
  }
  return { outcome: [...lines, own.outcome()].join('\n'), stops: 0 }
}

export interface StepOptions {
  /** Whether a guest stops at the stable point that comes up, the n-th of the run. */
  readonly stopsAt: (stop: number) => boolean
  /** Every host call is broken off once, and begun again when the guest goes on. */
  readonly undoesCalls?: boolean
  /** Whether a guest goes on in the same instance, instead of in a new one, after the n-th stop. */
  readonly inPlace?: (stop: number) => boolean
  /** Told of every stop. */
  readonly onStop?: (frames: readonly SpilledFrame[], guest: SuspendedGuest) => void
  /** The build that a stack is rebuilt in, when it is not the one that was suspended. */
  readonly rebuild?: (frames: readonly SpilledFrame[]) => SuspendableModule
}

/** Runs a suspendable build of it, which is suspended and goes on in a new instance at stable points
 *  along the way; gives the final state too. */
export function runSuspended(
  built: SuspendableModule,
  { calls, host }: V8Program,
  options: StepOptions,
): Run & { readonly state: SpilledState } {
  const stepper = new Stepper(built, host(), options)
  const lines: string[] = []
  if (stepper.guest.exports[startExport] !== undefined) stepper.call(undefined, [])
  for (const { name, values = [] } of calls) {
    if (stepper.guest.exports[name] === undefined) continue
    lines.push(resultOf(() => stepper.call(name, values)))
  }
  const outcome = [...lines, stepper.outcome()].join('\n')
  return { outcome, stops: stepper.stops, state: stepper.guest.state() }
}

class Stepper {
  guest: SuspendedGuest
  stops = 0
  readonly #module: object
  readonly #points: StablePoints
  /** The host call that is about to be performed was broken off before. */
  #isRetried = false

  constructor(
    readonly built: SuspendableModule,
    readonly host: V8Host,
    readonly options: StepOptions,
  ) {
    this.#module = new v8.Module(built.bytes)
    this.#points = new StablePoints(built.points)
    this.guest = this.#instance(built, this.#module)
  }

  outcome(): string {
    return this.host.outcome()
  }

  call(name: string | undefined, values: readonly V8Value[]): readonly V8Value[] {
    this.#request()
    let turn: Turn = this.guest.call(name, values)
    while (turn.kind === 'suspended') {
      this.stops++
      this.options.onStop?.(turn.frames, this.guest)
      this.#moveOn(turn.frames)
      this.#isRetried = this.#points.hostFrame(turn.frames[0]?.function ?? -1) !== undefined
      this.#request()
      turn = this.guest.resume(turn.frames)
    }
    return turn.values
  }

  #moveOn(frames: readonly SpilledFrame[]): void {
    const { inPlace, rebuild } = this.options
    if (inPlace?.(this.stops) === true) return
    const state = this.guest.state()
    const build = rebuild?.(frames)
    this.guest =
      build === undefined
        ? this.#instance(this.built, this.#module)
        : this.#instance(build, new v8.Module(build.bytes))
    this.guest.setState(state)
  }

  #request(): void {
    this.guest.request = this.options.stopsAt(this.stops + 1)
  }

  #instance(built: SuspendableModule, module: object): SuspendedGuest {
    const guest = new SuspendedGuest(built, module, this.#imports(), this.#points)
    this.host.attach(guest.exports)
    return guest
  }

  #imports(): V8Imports {
    const { imports } = this.host
    if (this.options.undoesCalls !== true) return imports
    const entries = Object.entries(imports).map(([name, list]) => {
      const wrapped = Object.entries(list).map(([key, one]) => [key, this.#undoing(key, one)])
      return [name, Object.fromEntries(wrapped)]
    })
    return Object.fromEntries(entries) as V8Imports
  }

  #undoing(name: string, one: V8Imports[string][string]): V8Imports[string][string] {
    if (typeof one !== 'function') return one
    return (...values: V8Value[]) => {
      if (!this.#isRetried) {
        this.guest.undo()
        // The guest never sees it.
        return this.host.unperformed?.(name)
      }
      this.#isRetried = false
      return one(...values)
    }
  }
}

/** Results or the trap. */
function resultOf(call: () => readonly V8Value[]): string {
  try {
    return call().map(String).join(' ')
  } catch (error) {
    if (error instanceof v8.RuntimeError || error instanceof RangeError) return String(error)
    if ((error as Error).name === 'GuestExit') return String(error)
    throw error
  }
}

function asList(result: V8Value | V8Value[]): readonly V8Value[] {
  return Array.isArray(result) ? result : [result]
}
