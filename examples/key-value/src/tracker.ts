import {
  type Degradation,
  type HostCall,
  type HostFunctions,
  type ImportTypes,
  NotBegun,
  type ResourceTracker,
} from 'wasmsh'
import { type Entry, type KvState, maxBytes } from './state.js'

/** What guests import. Keys are UTF-8, given by address and length; so are values, of any bytes. */
export const imports = {
  kv: {
    set: {
      params: ['key: i32', 'key_length: i32', 'value: i32', 'value_length: i32'],
      results: [],
    },
    /** Writes as much of the value as fits, and gives its whole length; -1 when there is none. */
    get: {
      params: ['key: i32', 'key_length: i32', 'buffer: i32', 'buffer_length: i32'],
      results: ['length: i32'],
    },
    /** 1 when there was one. */
    delete: { params: ['key: i32', 'key_length: i32'], results: ['deleted: i32'] },
    /** Waits until the key is there, and gives the length of its value. */
    wait: { params: ['key: i32', 'key_length: i32'], results: ['length: i32'] },
  },
} as const satisfies ImportTypes

/** The store of one guest. */
export class KvTracker implements ResourceTracker<KvState> {
  #entries = new Map<string, Entry>()
  /** Calls that wait, by their keys. */
  readonly #waiting = new Map<string, Set<(length: number) => void>>()

  /**
   * A call that traps is made again when the guest is resumed, so each reads all it needs before it
   * changes anything.
   */
  readonly imports: HostFunctions<typeof imports> = {
    kv: {
      set: ({ memory }, key, keyLength, value, valueLength) => {
        const name = memory.readText(key, keyLength)
        this.put(name, memory.read(value, valueLength))
      },
      get: ({ memory }, key, keyLength, buffer, bufferLength) => {
        const found = this.#entries.get(memory.readText(key, keyLength))
        if (found === undefined) return -1
        memory.write(buffer, found.value.subarray(0, bufferLength >>> 0))
        return found.value.length
      },
      delete: ({ memory }, key, keyLength) =>
        this.#entries.delete(memory.readText(key, keyLength)) ? 1 : 0,
      wait: (call, key, keyLength) => this.#wait(call, call.memory.readText(key, keyLength)),
    },
  }

  entries(): ReadonlyMap<string, Entry> {
    return this.#entries
  }

  /** Sets a key, and lets those go on that wait for it. */
  put(key: string, value: Uint8Array): void {
    const before = this.#entries.get(key)
    const bytes = [...this.#entries.values()].reduce((sum, one) => sum + one.value.length, 0)
    if (bytes - (before?.value.length ?? 0) + value.length > maxBytes) {
      throw new Error(`the store is full: ${maxBytes} bytes`)
    }
    this.#entries.set(key, { value, revision: (before?.revision ?? 0) + 1 })
    for (const goOn of this.#waiting.get(key) ?? []) goOn(value.length)
    this.#waiting.delete(key)
  }

  /** Nothing of a store is known by host calls of WASI. */
  record(): void {}

  async snapshot(): Promise<KvState> {
    return { entries: new Map(this.#entries) }
  }

  async recover(state: KvState): Promise<readonly Degradation[]> {
    this.#entries = new Map(state.entries)
    return []
  }

  async dispose(): Promise<void> {
    this.#waiting.clear()
  }

  /** While it waits nothing has happened yet: when the guest is to stand still, the call can be made
   *  again, here or where the guest is recovered. */
  #wait({ signal }: HostCall, key: string): number | Promise<number> {
    const found = this.#entries.get(key)
    if (found !== undefined) return found.value.length
    return new Promise((resolve, reject) => {
      const others = this.#waiting.get(key) ?? new Set()
      this.#waiting.set(key, others.add(resolve))
      const giveUp = (): void => {
        others.delete(resolve)
        reject(new NotBegun())
      }
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
    })
  }
}
