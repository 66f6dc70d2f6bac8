import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Column, Descriptor, Page, PluginHost } from '../../core/plugin.js'
import { groupShared, namelessStream, placeOfDescriptor } from './open-files.js'
import { nameOf, type Place } from './place.js'
import type { FilesState } from './state.js'

/** Whether the file of a descriptor is still what its path names: "same"; another or different one
 *  is there: "changed"; nothing is: "gone"; null where that is no question, or nobody can tell. */
export type FileState = 'same' | 'changed' | 'gone' | null

/** One descriptor, as `files` shows it. */
export interface FileRow {
  readonly fd: number
  readonly kind: Descriptor['kind']
  /** Guest path; of a standard stream what it is connected to. */
  readonly path: string
  /** Access and flags: "read,append". */
  readonly flags: readonly string[]
  readonly offset: bigint | null
  readonly size: bigint | null
  readonly state: FileState
  /** Other descriptors that share its open file. */
  readonly sharedWith: readonly number[]
}

/** Of WASI preview 1, in the order of their bits. */
export const flagNames = ['append', 'dsync', 'nonblock', 'rsync', 'sync'] as const
const right = { read: 1n << 1n, write: 1n << 6n }

/** The first number that the view gives to preopens that the guest has closed. */
const firstClosedPreopen = 0x80000000

/** The descriptors of a guest that stands still. */
export function rowsOfGuest(host: PluginHost): readonly FileRow[] {
  const all = host.descriptors()
  const groups = groupShared(
    host,
    all.filter(({ fd }) => fd < firstClosedPreopen),
  )
  const stateOf = (one: Descriptor, place: Place): FileState => {
    const directory = host.directories.find(({ guestPath }) => guestPath === place.directory)
    const found = directory && host.folder(directory.hostPath).status(place.path)
    if (one.stream !== namelessStream) return 'same'
    return found === null ? 'gone' : 'changed'
  }
  return rows(all, groups, stateOf)
}

/** The descriptors of a stored snapshot; `hosts` are the host paths of directories that are known
 *  here. */
export function rowsOfStored(
  state: FilesState | null,
  all: readonly Descriptor[],
  hosts: ReadonlyMap<string, string>,
): readonly FileRow[] {
  const openFileOf = new Map(state?.descriptors.map(({ fd, openFile }) => [fd, openFile]))
  const groups = new Map<string, Descriptor[]>()
  for (const one of all) {
    const openFile = openFileOf.get(one.fd)
    const key = openFile === undefined ? `fd ${one.fd}` : `open file ${openFile}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  const stateOf = (one: Descriptor, place: Place): FileState => {
    const host = hosts.get(place.directory)
    if (host === undefined || one.stream === namelessStream) return null
    const found = lstatSync(join(host, place.path), { bigint: true, throwIfNoEntry: false })
    if (found === undefined) return 'gone'
    if (one.kind === 'directory') return found.isDirectory() ? 'same' : 'changed'
    const file = state?.openFiles.find(({ id }) => id === openFileOf.get(one.fd))
    if (file?.expected === null && found.isFile()) return 'same'
    const isSame = found.size === one.size && found.mtimeNs === one.modifiedNs
    return isSame ? 'same' : 'changed'
  }
  return rows(all, [...groups.values()], stateOf)
}

function rows(
  all: readonly Descriptor[],
  groups: readonly (readonly Descriptor[])[],
  stateOf: (one: Descriptor, place: Place) => FileState,
): readonly FileRow[] {
  const made = groups.flatMap((group) =>
    group.map((one): FileRow => {
      const place = placeOfDescriptor(one, all)
      const isFile = one.kind === 'file' || one.stream === 'file'
      const isBelow = one.kind === 'file' || one.kind === 'directory'
      return {
        fd: one.fd,
        kind: one.kind,
        path: place === null ? one.stream || one.guestPath : nameOf(place),
        flags: flagsOf(one),
        offset: isFile ? one.offset : null,
        size: isFile ? one.size : null,
        state: place !== null && isBelow ? stateOf(one, place) : null,
        sharedWith: group.filter((other) => other !== one).map(({ fd }) => fd),
      }
    }),
  )
  return made.filter(({ fd }) => fd < firstClosedPreopen).sort((a, b) => a.fd - b.fd)
}

function flagsOf({ kind, rightsBase, fdflags }: Descriptor): readonly string[] {
  if (kind === 'preopen' || kind === 'directory') return []
  const access = (['read', 'write'] as const).filter((name) => (rightsBase & right[name]) !== 0n)
  return [...access, ...flagNames.filter((_, bit) => (fdflags & (1 << bit)) !== 0)]
}

const columns: readonly Column[] = [
  { head: 'FD', align: 'right' },
  { head: 'KIND' },
  { head: 'PATH', shrinks: true },
  { head: 'FLAGS' },
  { head: 'OFFSET', align: 'right' },
  { head: 'SIZE', align: 'right' },
  { head: 'STATE' },
]

export async function renderRows(list: readonly FileRow[], page: Page): Promise<string> {
  const { theme } = page
  const number = (value: bigint | null) => (value === null ? '' : `${value}`)
  return await page.table(
    columns,
    list.map((row) => {
      const shared =
        row.sharedWith.length === 0 ? '' : ` (shared with ${row.sharedWith.join(', ')})`
      const state = row.state ?? ''
      return [
        theme.number(`${row.fd}`),
        row.kind,
        printable(row.path),
        row.flags.join(','),
        number(row.offset) + shared,
        number(row.size),
        row.state === 'same' || state === '' ? state : theme.warning(state),
      ]
    }),
  )
}

/** Names of files may hold anything, and a terminal obeys some of it. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, (one) => JSON.stringify(one).slice(1, -1).replace(one, '?'))
}
