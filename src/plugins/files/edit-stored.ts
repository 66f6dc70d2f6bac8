import type { Descriptor, StoredChange } from '../../core/plugin.js'
import { nothingOpen, requireChangeable, requireFile, showFlags, toKind } from './edit-guest.js'
import type { FileEdit } from './edit-text.js'
import { placeOfDescriptor } from './open-files.js'
import { findPlace, nameOf, type Place } from './place.js'
import type { FilesState, OpenFile } from './state.js'

type Stored = { readonly state: FilesState; readonly descriptors: readonly Descriptor[] }

/**
 * Changes the descriptors of a stored snapshot. What a path names is looked at when the snapshot is
 * recovered: any file that is there then is meant.
 *
 * @throws Error that says why it cannot be done
 */
export function editStored(stored: Stored, edit: FileEdit): StoredChange<FilesState> {
  switch (edit.kind) {
    case 'offset': {
      const { offset } = edit
      return changeShared(stored, edit.fd, { offset }, ({ offset: at }) => `${at}`)
    }
    case 'flags': {
      requireChangeable(known(stored, edit.fd), edit.fdflags)
      return changeShared(stored, edit.fd, { fdflags: edit.fdflags }, showFlags)
    }
    case 'path':
      return repoint(stored, requireFile(known(stored, edit.fd), true), edit.path)
    case 'close':
      return close(stored, known(stored, edit.fd))
    case 'share': {
      requireFree(stored, edit.fd)
      const other = requireFile(known(stored, edit.with))
      const openFile = openFileOf(stored, other.fd).id
      return {
        old: 'closed',
        new: `fd[${other.fd}]`,
        state: {
          ...stored.state,
          descriptors: [...stored.state.descriptors, { fd: edit.fd, openFile }],
        },
        descriptors: [...stored.descriptors, { ...other, fd: edit.fd }],
      }
    }
    case 'open': {
      requireFree(stored, edit.fd)
      const { fd, fdflags, rights } = edit
      const one = { ...nothingOpen, fd, kind: 'file' as const, fdflags, rightsBase: rights }
      const { place, state, descriptors } = point(stored, one, edit.path)
      return { old: 'closed', new: nameOf(place), state, descriptors }
    }
  }
}

/** All that share an open file stand at its offset, and have its flags. */
function changeShared(
  { state, descriptors }: Stored,
  fd: number,
  change: { readonly offset?: bigint; readonly fdflags?: number },
  show: (one: Descriptor) => string,
): StoredChange<FilesState> {
  const before = requireFile(known({ state, descriptors }, fd))
  const { id } = openFileOf({ state, descriptors }, fd)
  const sharing = new Set(
    state.descriptors.filter((one) => one.openFile === id).map((one) => one.fd),
  )
  const { offset } = change
  return {
    old: show(before),
    new: show({ ...before, ...change }),
    state: {
      ...state,
      openFiles: state.openFiles.map((one) =>
        one.id === id && offset !== undefined ? { ...one, offset } : one,
      ),
    },
    descriptors: descriptors.map((one) => (sharing.has(one.fd) ? { ...one, ...change } : one)),
  }
}

function repoint(stored: Stored, before: Descriptor, path: string): StoredChange<FilesState> {
  const old = placeOfDescriptor(before, stored.descriptors)
  const closed = close(stored, before)
  const { place, state, descriptors } = point(
    { state: closed.state, descriptors: closed.descriptors ?? [] },
    before,
    path,
  )
  return { old: old === null ? 'nothing' : nameOf(old), new: nameOf(place), state, descriptors }
}

/** Adds a descriptor with an open file of its own. */
function point(
  { state, descriptors }: Stored,
  one: Descriptor,
  path: string,
): Stored & { readonly place: Place } {
  const preopens = descriptors.filter(({ kind }) => kind === 'preopen')
  const place = findPlace(
    preopens.map(({ guestPath }) => guestPath),
    path,
  )
  const preopen = preopens.find(({ guestPath }) => guestPath === place?.directory)
  if (place === null || preopen === undefined) {
    throw new Error(`${path} is in none of the guest's directories`)
  }
  const id = Math.max(-1, ...state.openFiles.map((open) => open.id)) + 1
  const { fd, offset } = one
  const openFile: OpenFile = {
    ...{ id, kind: toKind(one), place, offset },
    ...{ options: null, expected: null, nameless: null },
  }
  const guestPath = place.path === '' ? '.' : place.path
  const put = { ...one, guestPath, preopen: preopen.fd, stream: '', size: 0n, modifiedNs: 0n }
  return {
    place,
    state: {
      ...state,
      openFiles: [...state.openFiles, openFile],
      descriptors: [...state.descriptors, { fd, openFile: id }],
    },
    descriptors: [...descriptors, put],
  }
}

function close({ state, descriptors }: Stored, before: Descriptor): StoredChange<FilesState> {
  const { fd } = before
  if (before.kind !== 'file' && before.kind !== 'directory') {
    throw new Error(
      `descriptor ${fd} is a ${before.kind}: recover it with --paused and close it there`,
    )
  }
  const left = state.descriptors.filter((one) => one.fd !== fd)
  const used = new Set(left.map(({ openFile }) => openFile))
  const place = placeOfDescriptor(before, descriptors)
  return {
    old: place === null ? before.kind : nameOf(place),
    new: 'closed',
    state: {
      ...state,
      openFiles: state.openFiles.filter(({ id }) => used.has(id)),
      descriptors: left,
    },
    descriptors: descriptors.filter((one) => one.fd !== fd),
  }
}

function known({ descriptors }: Stored, fd: number): Descriptor {
  const found = descriptors.find((one) => one.fd === fd)
  if (found === undefined) throw new Error(`descriptor ${fd} is closed`)
  return found
}

function openFileOf({ state }: Stored, fd: number): OpenFile {
  const id = state.descriptors.find((one) => one.fd === fd)?.openFile
  const found = state.openFiles.find((one) => one.id === id)
  if (found === undefined)
    throw new Error(`the state of the snapshot does not know descriptor ${fd}`)
  return found
}

function requireFree({ descriptors }: Stored, fd: number): void {
  if (descriptors.every((one) => one.fd !== fd)) return
  throw new Error(`descriptor ${fd} is open: close it first`)
}
