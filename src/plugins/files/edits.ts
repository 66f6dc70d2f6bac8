import type { PluginEdits } from '../../core/plugin.js'
import { editStored } from './edit-stored.js'
import { editTargets, parseEdit } from './edit-text.js'
import type { FilesTracker } from './tracker.js'

/** What `set` changes about files. */
export const fileEdits: PluginEdits<FilesTracker> = {
  targets: editTargets,
  complete: (subject) => {
    if (subject === null) return []
    const fds =
      subject.kind === 'guest'
        ? subject.tracker.rows().map(({ fd }) => fd)
        : (subject.state?.descriptors.map(({ fd }) => fd) ?? [])
    return fds.flatMap((fd) =>
      ['', '.offset', '.path', '.flags'].map((member) => `files.fd[${fd}]${member}`),
    )
  },
  edit: ({ tracker }, target, value) => tracker.edit(parseEdit(target, value)),
  editStored: ({ state, descriptors }, target, value) =>
    editStored({ state, descriptors }, parseEdit(target, value)),
}
