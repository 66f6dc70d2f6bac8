import type { AnyPlugin, HostCall, ResourceTracker } from '../plugin.js'
import { toBits } from '../plugin-host/call-values.js'
import { GuestCallMemory } from '../plugin-host/guest-call-memory.js'
import { importName, importsOf, type PluginImport } from '../plugin-host/import-type.js'
import { completeOp } from './sample-op.js'
import type { SampleCall } from './samples.js'

/** Size of the memory of a sample guest: one page of WebAssembly. */
const memoryBytes = 65536

type Numbers = Readonly<Record<string, bigint>>

/** Calls of a plugin's imports, as a guest would make them. */
export class SampleCalls {
  readonly memory = new Uint8Array(memoryBytes)
  readonly #plugin: AnyPlugin
  #seq: bigint
  #created = 0

  constructor(plugin: AnyPlugin, seq: bigint) {
    this.#plugin = plugin
    this.#seq = seq
  }

  async make(
    tracker: ResourceTracker<unknown>,
    { import: name, args = [], memory = {} }: SampleCall,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<number | bigint | undefined> {
    const declared = importsOf(this.#plugin).find((one) => importName(one) === name)
    if (declared === undefined) throw new Error(`the plugin declares no import ${name}`)
    const run = tracker.imports?.[declared.module]?.[declared.name]
    if (run === undefined) throw new Error(`the tracker has no function for ${name}`)
    for (const [address, contents] of Object.entries(memory)) {
      this.memory.set(Buffer.from(contents), Number(address))
    }
    const access = {
      size: () => memoryBytes,
      read: (at: number, length: number) => this.memory.slice(at, at + length),
    }
    const callMemory = new GuestCallMemory(access, name)
    const call: HostCall = { guest: { name: 'sample' }, thread: 0, memory: callMemory, signal }
    let result: unknown
    try {
      const given = declared.params.map(({ type }, index) => args[index] ?? zeroOf(type))
      result = await run(call, ...given)
    } catch (error) {
      callMemory.end()
      throw error
    }
    for (const { address, bytes } of callMemory.end()) this.memory.set(bytes, address)
    const bits = requireResult(declared, result)
    if (declared.changesIdentity) this.#record(tracker, declared, args, bits)
    return result as number | bigint | undefined
  }

  #record(
    tracker: ResourceTracker<unknown>,
    declared: PluginImport,
    args: readonly (number | bigint)[],
    results: Numbers,
  ): void {
    const name = importName(declared)
    const isCreating = this.#plugin.creates.includes(name)
    if (isCreating) this.#created++
    const parameters = declared.params.map((one, index) => {
      const bits = toBits(one.type, args[index] ?? zeroOf(one.type))
      return [one.name, bits ?? 0n] as const
    })
    const op = {
      call: name,
      parameters: Object.fromEntries(parameters),
      results,
      creates: isCreating ? (`${this.#plugin.name}/${this.#created}` as const) : null,
    }
    tracker.record(completeOp(op, ++this.#seq))
  }
}

function requireResult(declared: PluginImport, result: unknown): Numbers {
  const [type] = declared.results
  if (type === undefined) return {}
  const bits = toBits(type.type, result)
  if (bits !== null) return { [type.name]: bits }
  throw new TypeError(
    `${importName(declared)} returned ${String(result)}, which is no ${type.type}`,
  )
}

export function zeroOf(type: PluginImport['params'][number]['type']): number | bigint {
  return type === 'i64' ? 0n : 0
}
