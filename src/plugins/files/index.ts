/**
 * Files: descriptors with the path and options of their open, and, as far as a snapshot is told to
 * take them along, the contents of the guest's directories.
 */
import { definePlugin, pluginApiVersion } from '../../core/plugin.js'
import { filesCommand } from './command.js'
import { fileEdits } from './edits.js'
import { nameOf } from './place.js'
import { schema } from './schema.js'
import { contentsChoices, type FilesState } from './state.js'
import { FilesTracker } from './tracker.js'

export const files = definePlugin<FilesState, FilesTracker>({
  name: 'files',
  apiVersion: pluginApiVersion,
  dependsOn: [],
  creates: ['path_open'],
  flags: [
    {
      phase: 'snapshot',
      name: 'contents',
      values: contentsChoices,
      summary: 'which files go along: none, those that the guest has written, or all',
    },
    {
      phase: 'recover',
      name: 'overwrite',
      summary: 'let files of the snapshot replace others that are there',
    },
  ],
  state: schema,
  backwards: 'replay',
  resources: ({ openFiles, descriptors, entries }) => [
    ...descriptors.map(({ fd, openFile }) => {
      const found = openFiles.find(({ id }) => id === openFile)
      const what = found === undefined ? '' : ` (${nameOf(found.place)})`
      return `descriptor ${fd}${what}${found?.nameless ? ', deleted while open' : ''}`
    }),
    ...entries.map(({ kind, place }) => `the ${kind} ${nameOf(place)}`),
  ],
  commands: [filesCommand],
  edits: fileEdits,
  track: (host) => new FilesTracker(host),
})
