// @ts-check
/**
 * A plugin of wasmsh. It gives guests a counter: a resource that is not in their memory and that
 * goes with them when they are stored and recovered. Replace the counter with what you need; the
 * contract is in docs/plugins.md of wasmsh.
 *
 * @import { ImportTypes, Json, Op, PluginCommand, ResourcePlugin, ResourceTracker } from 'wasmsh'
 * @typedef {{ readonly value: number, readonly calls: number }} State what a snapshot keeps
 */

/** What guests import: (import "__FUNCTION__" "add" (func (param i32) (result i32))). */
const imports = /** @satisfies {ImportTypes} */ ({
  __FUNCTION__: {
    add: { params: ['amount: i32'], results: ['value: i32'] },
    read: { params: [], results: ['value: i32'] },
  },
})

/**
 * The counter of one guest.
 * @implements {ResourceTracker<State>}
 */
export class Tracker {
  value = 0
  calls = 0

  /** A function for each import. What it throws traps the guest, and must have had no effect. */
  imports = {
    __FUNCTION__: {
      /** @param {unknown} _call @param {number} amount */
      add: (_call, amount) => {
        this.calls++
        this.value = (this.value + amount) | 0
        return this.value
      },
      read: () => this.value,
    },
  }

  /** Is told of host calls that make, end or change a resource of this class: here of none.
   *  @param {Op} _op */
  record(_op) {}

  /** Says what is to be stored; changes nothing. @returns {Promise<State>} */
  async snapshot() {
    return { value: this.value, calls: this.calls }
  }

  /** Puts a stored state in place, and says what is not as it was. @param {State} state */
  async recover(state) {
    this.value = state.value
    this.calls = state.calls
    return []
  }

  async dispose() {}
}

/** How the state is stored. Raise the version when you change that, and add a migration:
 *  { 1: (state) => ... } makes one of version 2 from one of version 1.
 *  @type {ResourcePlugin<State>['state']} */
const state = {
  version: 1,
  migrations: {},
  format: ({ value, calls }) => ({ value, calls }),
  parse(json) {
    const { value, calls, ...rest } = /** @type {Record<string, Json>} */ (Object(json))
    if (Object.keys(rest).length > 0) throw new Error(`there is no use for ${Object.keys(rest)}`)
    if (!isCount(calls)) throw new Error('calls is no whole number')
    if (!isInteger(value)) throw new Error('value is no 32-bit number')
    return { value, calls }
  },
}

/** @param {unknown} value @returns {value is number} */
const isInteger = (value) => typeof value === 'number' && (value | 0) === value
/** @param {unknown} value @returns {value is number} */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0

/** @type {PluginCommand<Tracker, State>} */
const command = {
  name: '__CLASS__',
  summary: 'shows the counter of a guest',
  usage: ['__CLASS__ [--guest GUEST]'],
  subject: 'guest-or-snapshot',
  help: 'Shows where the counter stands, and how often the guest has added to it.',
  async run(context) {
    const subject = await context.subject()
    if (subject.kind === 'guest') return await subject.tracker.snapshot()
    return subject.state ?? { value: 0, calls: 0 }
  },
  render: ({ value, calls }, page) => `${page.theme.number(String(value))} after ${calls} calls`,
}

/** @type {ResourcePlugin<State, Tracker>} */
export default {
  name: '__CLASS__',
  apiVersion: 1,
  dependsOn: [],
  creates: [],
  imports,
  state,
  backwards: 'replay',
  resources: ({ value }) => [`the counter, at ${value}`],
  commands: [command],
  edits: {
    targets: [{ usage: '__CLASS__.value', summary: 'where the counter stands' }],
    complete: () => ['__CLASS__.value'],
    edit({ tracker }, target, value) {
      const change = toChange(target, value, tracker.value)
      tracker.value = Number(change.new)
      return change
    },
    editStored({ state: before }, target, value) {
      const change = toChange(target, value, before.value)
      return { ...change, state: { ...before, value: Number(change.new) } }
    },
  },
  track: () => new Tracker(),
}

/** @param {string} target @param {string} value @param {number} before */
function toChange(target, value, before) {
  if (target !== 'value') throw new Error(`there is no ${target}`)
  if (!isInteger(Number(value))) throw new Error(`${value} is no 32-bit number`)
  return { old: String(before), new: String(Number(value)) }
}
