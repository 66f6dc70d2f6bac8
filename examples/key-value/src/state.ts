import type { Json, StateSchema } from 'wasmsh'

/** One key with what it stands for. */
export interface Entry {
  readonly value: Uint8Array
  /** How often the key was set. */
  readonly revision: number
}

/** What a snapshot keeps of a store. */
export interface KvState {
  readonly entries: ReadonlyMap<string, Entry>
}

/** Most that a store may hold: a stored state is read into memory as a whole. */
export const maxBytes = 1024 * 1024

/**
 * Version 1 had texts, { entries: { color: "blue" } }, which lost values that are no UTF-8, and knew
 * nothing of revisions. Version 2 is a list in the order of the keys, with the bytes in hex.
 */
export const schema: StateSchema<KvState> = {
  version: 2,
  migrations: {
    1: (state) => ({
      entries: Object.entries(objectIn(state, 'entries'))
        .sort(byKey)
        .map(([key, value]) => ({
          key,
          value: Buffer.from(String(value)).toString('hex'),
          revision: 0,
        })),
    }),
  },
  format: ({ entries }) => ({
    entries: [...entries].sort(byKey).map(([key, { value, revision }]) => ({
      key,
      value: Buffer.from(value).toString('hex'),
      revision,
    })),
  }),
  parse(json) {
    const list = Object(json)['entries'] as unknown
    if (!Array.isArray(list)) throw new Error('entries is no list')
    onlyMembers(json, ['entries'])
    const entries = new Map(list.map((one: Json, index) => parseEntry(one, `entries[${index}]`)))
    const keys = [...entries.keys()]
    const isSorted = keys.every((key, index) => index === 0 || String(keys[index - 1]) < key)
    if (!isSorted || keys.length !== list.length) throw new Error('the keys are not in order')
    const bytes = [...entries].reduce((sum, [, { value }]) => sum + value.length, 0)
    if (bytes > maxBytes) throw new Error(`it has ${bytes} bytes; ${maxBytes} are possible`)
    return { entries }
  },
}

function parseEntry(json: Json, place: string): [string, Entry] {
  const { key, value, revision } = Object(json) as Record<string, Json>
  if (typeof key !== 'string') throw new Error(`${place}.key is no text`)
  if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(value)) {
    throw new Error(`${place}.value is not in hex`)
  }
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0) {
    throw new Error(`${place}.revision is no whole number`)
  }
  onlyMembers(json, ['key', 'value', 'revision'])
  return [key, { value: Uint8Array.from(Buffer.from(value, 'hex')), revision }]
}

/** A member that is not known may mean something: it is not to be lost without a word. */
function onlyMembers(json: Json, names: readonly string[]): void {
  const stranger = Object.keys(Object(json)).find((name) => !names.includes(name))
  if (stranger !== undefined) throw new Error(`there is no use for "${stranger}"`)
}

function objectIn(json: Json, name: string): Record<string, Json> {
  const found: unknown = Object(json)[name]
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) {
    return found as Record<string, Json>
  }
  throw new Error(`${name} is no object`)
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
