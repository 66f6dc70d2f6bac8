/**
 * Pipes between the guests of one shell: both ends, the bytes in flight, and who waits. Guests that
 * share pipes are stored and recovered together, or one at a time.
 */
import { definePlugin, pluginApiVersion } from '../../core/plugin.js'
import { list, make } from './commands.js'
import { Pipes } from './pipes.js'
import { endsChoices } from './recovery.js'
import { type IpcState, schema } from './state.js'
import { scheme } from './target.js'
import { topic } from './topic.js'
import { IpcTracker } from './tracker.js'

export const ipc = definePlugin<IpcState, IpcTracker, Pipes>({
  name: 'ipc',
  apiVersion: pluginApiVersion,
  dependsOn: [],
  creates: [],
  schemes: [scheme],
  flags: [
    {
      phase: 'recover',
      name: 'ends',
      values: endsChoices,
      summary:
        'pipe ends of guests that are not recovered along: closed, or open until they are recovered',
    },
  ],
  state: schema,
  backwards: 'replay',
  share: (host) => new Pipes(host.pipes),
  commands: [make, list],
  topics: [topic],
  track: (host, pipes) => new IpcTracker(host, pipes),
})
