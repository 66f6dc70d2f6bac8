// @ts-check
/**
 * How trackers of the plugin come to hold something, for `wasmsh plugin test .`: each scene is held
 * to every law, before and after it was stored and recovered.
 *
 * @import { PluginSamples } from 'wasmsh/testing'
 * @import { Tracker } from './index.js'
 * @type {PluginSamples<Tracker>}
 */
export default {
  scenes: [
    {
      name: 'a counter that was used',
      calls: [
        { import: '__FUNCTION__.add', args: [40] },
        { import: '__FUNCTION__.add', args: [2] },
        { import: '__FUNCTION__.read' },
      ],
      edits: [{ target: 'value', value: '7' }],
    },
  ],
  // A stored state of every version before the present one goes here, as it was written then.
  stored: [],
}
