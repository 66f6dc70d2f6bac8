import {
  type AnyPlugin,
  definePlugin,
  type HostCall,
  type HostFunctions,
  type ImportTypes,
  type Json,
  type Op,
  pluginApiVersion,
  type ResourceTracker,
} from '../../src/core/plugin.js'

export const meterImports = {
  env: {
    /** Adds to the meter and gives its new reading. */
    meter_add: { params: ['amount: i32'], results: ['i64'], changesIdentity: true },
    /** Writes the reading as eight bytes to an address; gives how many. */
    meter_read: { params: ['address: i32', 'length: i32'], results: ['i32'] },
    /** Takes and gives one of each type. */
    meter_mix: { params: ['i32', 'i64', 'f32', 'f64'], results: ['f64'] },
    /** Whatever a test wants of it. */
    meter_ask: { params: ['question: i32'], results: ['i32'] },
  },
} as const satisfies ImportTypes

/** What tests want the meter to do, for all guests. */
export interface MeterBehaviour {
  ask?(call: HostCall, question: number): number | Promise<number>
  add?(call: HostCall, amount: number): void
}

export interface MeterState {
  readonly reading: bigint
}

/** A resource that is no file: a meter that counts, with what happened to it. */
export class MeterTracker implements ResourceTracker<MeterState> {
  readonly recorded: Op[] = []
  readonly mixed: unknown[][] = []
  reading = 0n
  readonly #behaviour: MeterBehaviour

  constructor(behaviour: MeterBehaviour) {
    this.#behaviour = behaviour
  }

  readonly imports: HostFunctions<typeof meterImports> = {
    env: {
      meter_add: (call, amount) => {
        this.#behaviour.add?.(call, amount)
        this.reading += BigInt(amount)
        return this.reading
      },
      meter_read: (call, address, length) => {
        if (length < 8) return -1
        call.memory.store('i64', address, this.reading)
        return 8
      },
      meter_mix: (_, ...values) => {
        this.mixed.push(values)
        const [a, b, c, d] = values
        return a + Number(b) + c + d
      },
      meter_ask: (call, question) => this.#behaviour.ask?.(call, question) ?? question,
    },
  }

  record(op: Op): void {
    this.recorded.push(op)
  }

  async snapshot(): Promise<MeterState> {
    return { reading: this.reading }
  }

  async recover({ reading }: MeterState): Promise<[]> {
    this.reading = reading
    return []
  }

  async dispose(): Promise<void> {}
}

/** A plugin of that kind, with the trackers that it has made. */
export interface Meter {
  readonly plugin: AnyPlugin
  readonly trackers: MeterTracker[]
  /** The latest. */
  readonly tracker: MeterTracker
}

export function meter(
  behaviour: MeterBehaviour = {},
  changes: Partial<AnyPlugin> = {},
  change: (tracker: MeterTracker) => void = () => undefined,
): Meter {
  const trackers: MeterTracker[] = []
  const plugin = definePlugin<MeterState>({
    name: 'meter',
    apiVersion: pluginApiVersion,
    dependsOn: [],
    creates: [],
    imports: meterImports,
    state: {
      version: 1,
      migrations: {},
      format: ({ reading }) => ({ reading: String(reading) }),
      parse: parseState,
    },
    track: () => {
      const tracker = new MeterTracker(behaviour)
      change(tracker)
      trackers.push(tracker)
      return tracker
    },
    ...changes,
  })
  const latest = (): MeterTracker => {
    const tracker = trackers.at(-1)
    if (tracker === undefined) throw new Error('No guest has been tracked')
    return tracker
  }
  return {
    plugin,
    trackers,
    get tracker() {
      return latest()
    },
  }
}

function parseState(state: Json): MeterState {
  const { reading } = state as { readonly reading?: unknown }
  if (typeof reading === 'string' && /^-?\d+$/.test(reading)) return { reading: BigInt(reading) }
  throw new Error('the reading is no number')
}

const env = (name: string, params: string, result: string): string =>
  `(import "env" "${name}" (func $${name} (param ${params}) (result ${result})))`

const imports = `
  ${env('meter_add', 'i32', 'i64')}
  ${env('meter_read', 'i32 i32', 'i32')}
  ${env('meter_mix', 'i32 i64 f32 f64', 'f64')}
  ${env('meter_ask', 'i32', 'i32')}
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))`

/** A guest that has all of the meter's imports; `body` is its _start. */
export const meterGuest = (body: string): string => `(module ${imports}
  (memory (export "memory") 1)
  (global $result (export "result") (mut i64) (i64.const 0))
  (global $float (export "float") (mut f64) (f64.const 0))
  (func (export "_start") (local $i i32) ${body}))`

/** Asks once, and exits with the answer. */
export const asking = meterGuest('(call $proc_exit (call $meter_ask (i32.const 7)))')

/** Adds 1 for `rounds` times, and exits with the last byte of the reading. */
export const adding = (rounds: number): string =>
  meterGuest(`
    (loop $again
      (global.set $result (call $meter_add (i32.const 1)))
      (br_if $again (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${rounds}))))
    (call $proc_exit (i32.and (i32.wrap_i64 (global.get $result)) (i32.const 127)))`)
