/** A key-value store for guests: a resource that is neither a file nor in the guest's memory. */
import { definePlugin, pluginApiVersion } from 'wasmsh'
import { edits, kv, renderState } from './command.js'
import { type KvState, schema } from './state.js'
import { imports, KvTracker } from './tracker.js'

export default definePlugin<KvState, KvTracker>({
  name: 'kv',
  apiVersion: pluginApiVersion,
  dependsOn: [],
  creates: [],
  imports,
  state: schema,
  // All of a store is in its state, and recorded results say the rest.
  backwards: 'replay',
  resources: ({ entries }) => [...entries.keys()].map((key) => `the key "${key}"`),
  commands: [kv],
  edits,
  formatters: { state: renderState },
  topics: [
    {
      name: 'key-value',
      summary: 'the key-value store that programs can import',
      text: `A program imports set, get, delete and wait of the module "kv". What it stores goes with its snapshots.

"kv" shows the store, "set kv.KEY = VALUE" changes it: in a guest that stands still or, after "use snapshot:NAME", in a stored snapshot. A guest that waits for a key is paused there; it goes on when the key is set.`,
    },
  ],
  track: () => new KvTracker(),
})
