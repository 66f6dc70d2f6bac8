/** How stores come to hold something, for `wasmsh plugin test .`. */
import { defineSamples } from 'wasmsh/testing'
import type { KvTracker } from './tracker.js'

export default defineSamples<KvTracker>({
  scenes: [
    {
      name: 'two keys, one set twice and one deleted',
      calls: [
        { import: 'kv.set', args: [0, 5, 16, 4], memory: { 0: 'color', 16: 'blue' } },
        { import: 'kv.set', args: [0, 5, 16, 3], memory: { 16: 'red' } },
        { import: 'kv.set', args: [0, 4, 16, 3], memory: { 0: 'size', 16: 'big' } },
        { import: 'kv.set', args: [0, 4, 16, 3], memory: { 0: 'gone' } },
        { import: 'kv.delete', args: [0, 4] },
        { import: 'kv.get', args: [0, 4, 32, 8], memory: { 0: 'size' } },
      ],
      edits: [
        { target: 'color', value: 'green' },
        { target: 'new', value: 'key' },
      ],
    },
    {
      name: 'a value that is no text, and an empty one',
      act(tracker) {
        tracker.put('bytes', Uint8Array.of(0, 255, 128))
        tracker.put('empty', new Uint8Array(0))
      },
    },
  ],
  stored: [
    { version: 1, name: 'of version 1', state: { entries: { color: 'blue', größe: 'groß' } } },
    { version: 2, state: { entries: [{ key: 'color', value: '626c7565', revision: 3 }] } },
  ],
})
