import { closeSync, fstatSync } from 'node:fs'
import type { Descriptor, PluginHost, SnapshotContext } from '../../core/plugin.js'
import { digestOf } from './digest.js'
import type { FilesFold } from './fold.js'
import { below, type Place } from './place.js'
import type { FilesState, NamelessFile, OpenDescriptor, OpenFile } from './state.js'

/** Files up to this size are read at a snapshot, so that a copy can be told from another file. */
const maxDigestedBytes = 16n * 1024n * 1024n

/** What the view says of a file or directory that was deleted while open. */
export const namelessStream = 'nameless'

/** Where a file, directory or preopen is; null for all others. */
export function placeOfDescriptor(one: Descriptor, all: readonly Descriptor[]): Place | null {
  if (one.kind === 'preopen') return { directory: one.guestPath, path: '' }
  if (one.kind !== 'file' && one.kind !== 'directory') return null
  const preopen = all.find(({ kind, fd }) => kind === 'preopen' && fd === one.preopen)
  return preopen === undefined
    ? null
    : below({ directory: preopen.guestPath, path: '' }, one.guestPath)
}

/** Descriptors by the open file that they share: those that stand for one are one group. */
export function groupShared(
  host: PluginHost,
  descriptors: readonly Descriptor[],
): readonly (readonly Descriptor[])[] {
  const groups: Descriptor[][] = []
  for (const one of descriptors) {
    const group = groups.find(
      ([first]) =>
        first !== undefined &&
        first.kind === one.kind &&
        first.guestPath === one.guestPath &&
        first.offset === one.offset &&
        host.sharesOpenFile(first.fd, one.fd),
    )
    if (group === undefined) groups.push([one])
    else group.push(one)
  }
  return groups
}

/** Reads the open files and directories of a guest that stands still. */
export async function takeOpenFiles(
  host: PluginHost,
  fold: FilesFold,
  context: SnapshotContext,
): Promise<Pick<FilesState, 'openFiles' | 'descriptors'>> {
  const all = host.descriptors()
  const files = all.filter(({ kind }) => kind === 'file' || kind === 'directory')
  const openFiles: OpenFile[] = []
  const nameless = new Map<string, NamelessFile>()
  const descriptors: OpenDescriptor[] = []
  for (const [id, group] of groupShared(host, files).entries()) {
    const [first] = group
    const place = first && placeOfDescriptor(first, all)
    if (!first || !place) continue
    openFiles.push({
      id,
      kind: first.kind === 'directory' ? 'directory' : 'file',
      place,
      options: fold.opened(first.fd)?.options ?? null,
      offset: first.offset,
      ...(await takeFile(host, first, context, nameless)),
    })
    descriptors.push(...group.map(({ fd }) => ({ fd, openFile: id })))
  }
  return { openFiles, descriptors }
}

async function takeFile(
  host: PluginHost,
  one: Descriptor,
  context: SnapshotContext,
  known: Map<string, NamelessFile>,
): Promise<Pick<OpenFile, 'expected' | 'nameless'>> {
  const isNameless = one.stream === namelessStream
  if (one.kind !== 'file' && !isNameless) return { expected: null, nameless: null }
  const { modifiedNs, size } = one
  const hostFd = host.copyDescriptor(one.fd)
  try {
    if (isNameless) {
      return { expected: null, nameless: await takeNameless(one, hostFd, context, known) }
    }
    const isSmall = fstatSync(hostFd, { bigint: true }).size <= maxDigestedBytes
    // A file that may only be written cannot be read, and its time has to do.
    const digest = isSmall ? await digestOf(hostFd).catch(() => null) : null
    return { expected: { bytes: size, modifiedNs, digest }, nameless: null }
  } finally {
    closeSync(hostFd)
  }
}

/** Open files of one that was deleted get the same number, by what it is on this host. */
async function takeNameless(
  { kind, modifiedNs }: Descriptor,
  hostFd: number,
  context: SnapshotContext,
  known: Map<string, NamelessFile>,
): Promise<NamelessFile> {
  const { dev, ino } = fstatSync(hostFd, { bigint: true })
  const identity = `${dev}:${ino}`
  const before = known.get(identity)
  if (before !== undefined) return before
  const blob = kind === 'file' ? await context.putBlob({ hostFd }) : null
  const taken = { number: known.size, blob, modifiedNs }
  known.set(identity, taken)
  return taken
}
