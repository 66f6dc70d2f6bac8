import type { Page, PluginCommand, PluginEdits, ResourceChange, Subject } from 'wasmsh'
import type { Entry, KvState } from './state.js'
import type { KvTracker } from './tracker.js'

interface Row {
  readonly key: string
  /** As text where it is UTF-8 without control characters, else in hex behind "0x". */
  readonly value: string
  readonly bytes: number
  readonly revision: number
}

export const kv: PluginCommand<KvTracker, readonly Row[]> = {
  name: 'kv',
  summary: 'shows the key-value store of a guest',
  usage: ['kv [KEY]'],
  subject: 'guest-or-snapshot',
  arity: [0, 1],
  complete: [(subject) => keysOf(subject)],
  help: 'Shows every key with its value and how often it was set, or one of them. Values that are no text are shown in hex. "set kv.KEY = VALUE" changes one.',
  examples: ['kv', 'kv color', 'set kv.color = red'],
  async run(context, input) {
    const entries = entriesOf(await context.subject())
    const key = input.argument(0)
    if (key === undefined) return [...entries].map(([name, entry]) => toRow(name, entry))
    const found = entries.get(key)
    if (found === undefined) throw input.usageError(`There is no key "${key}"`)
    return [toRow(key, found)]
  },
  render: renderRows,
}

/** `set kv.color = red`, on a guest that stands still or on a stored snapshot. */
export const edits: PluginEdits<KvTracker> = {
  targets: [{ usage: 'kv.KEY', summary: 'the value of a key, as text' }],
  complete: (subject) => keysOf(subject).map((key) => `kv.${key}`),
  edit({ tracker }, key, value) {
    const change = toChange(tracker.entries(), key, value)
    tracker.put(key, Buffer.from(value))
    return change
  },
  editStored({ state }, key, value) {
    const revision = (state.entries.get(key)?.revision ?? 0) + 1
    const entries = new Map(state.entries).set(key, { value: Buffer.from(value), revision })
    return { ...toChange(state.entries, key, value), state: { entries } }
  },
}

export function renderState({ entries }: KvState, page: Page): Promise<string> {
  return renderRows(
    [...entries].map(([key, entry]) => toRow(key, entry)),
    page,
  )
}

function renderRows(rows: readonly Row[], page: Page): Promise<string> {
  if (rows.length === 0) return Promise.resolve(page.theme.quiet('No keys.'))
  return page.table(
    [
      { head: 'KEY', shrinks: true },
      { head: 'VALUE', shrinks: true },
      { head: 'BYTES', align: 'right' },
      { head: 'SET', align: 'right' },
    ],
    rows.map(({ key, value, bytes, revision }) => [
      JSON.stringify(key).slice(1, -1),
      page.theme.number(value),
      String(bytes),
      String(revision),
    ]),
  )
}

function entriesOf(subject: Subject<KvTracker>): ReadonlyMap<string, Entry> {
  return subject.kind === 'guest' ? subject.tracker.entries() : (subject.state?.entries ?? new Map())
}

function keysOf(subject: Subject<KvTracker> | null): readonly string[] {
  return subject === null ? [] : [...entriesOf(subject).keys()]
}

function toRow(key: string, { value, revision }: Entry): Row {
  return { key, value: toText(value), bytes: value.length, revision }
}

function toText(value: Uint8Array): string {
  const text = new TextDecoder().decode(value)
  const isText = !/[\p{Cc}\u{fffd}]/u.test(text)
  return isText ? text : `0x${Buffer.from(value).toString('hex')}`
}

function toChange(
  entries: ReadonlyMap<string, Entry>,
  key: string,
  value: string,
): ResourceChange {
  const before = entries.get(key)
  return { old: before === undefined ? 'none' : toText(before.value), new: value }
}
