/**
 * What a snapshot keeps of a guest's files; docs/files.md explains it, schema.ts checks it.
 */
import type { BlobRef } from '../../core/plugin.js'
import type { Place } from './place.js'

/** Which files of the guest's directories a snapshot takes along. */
export const contentsChoices = ['none', 'written', 'all'] as const
export type Contents = (typeof contentsChoices)[number]

/** Number of an open file: by it descriptors share one. */
export type OpenFileId = number

/** An open file or directory: what POSIX calls an open file description. */
export interface OpenFile {
  readonly id: OpenFileId
  readonly kind: 'file' | 'directory'
  readonly place: Place
  /** Of path_open (WASI preview 1), unchanged; null for what was open before anything was
   *  recorded. Recovery leaves out what creates or destroys. */
  readonly options: OpenOptions | null
  /** Bytes from the start. */
  readonly offset: bigint
  /** How the file was, so that no other is taken for it. Null for a directory, and for a file that
   *  somebody put there by an edit: whatever is there is meant. */
  readonly expected: ExpectedFile | null
  /** What was deleted while it was open. */
  readonly nameless: NamelessFile | null
}

export interface OpenOptions {
  readonly oflags: number
  readonly fdflags: number
  readonly rights: bigint
  readonly inheriting: bigint
}

export interface ExpectedFile {
  readonly bytes: bigint
  readonly modifiedNs: bigint
  /** SHA-256, where the file was small enough to be read: a copy with another time is the same. */
  readonly digest: BlobRef | null
}

/** A file, or an empty directory, that has no name any more. */
export interface NamelessFile {
  /** Open files with the same number are of one: what is written to one is read from the others. */
  readonly number: number
  /** Contents; null of a directory. */
  readonly blob: BlobRef | null
  readonly modifiedNs: bigint
}

/** A number that the guest knows, and the open file that it stands for. */
export interface OpenDescriptor {
  readonly fd: number
  readonly openFile: OpenFileId
}

/** A file, directory or symbolic link that a snapshot took along. */
export type Entry = { readonly place: Place } & (
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly target: string }
  | {
      readonly kind: 'file'
      readonly mode: number
      readonly modifiedNs: bigint
      readonly bytes: bigint
      readonly blob: BlobRef
    }
  /** A further name of a file that is listed before. */
  | { readonly kind: 'link'; readonly to: Place }
)

export type FileEntry = Extract<Entry, { readonly kind: 'file' }>

/** What the guest did to names, whether or not contents travel. */
export interface Changes {
  /** Made, or opened for writing. */
  readonly written: readonly Place[]
  /** Renamed with all that is below. */
  readonly moved: readonly Place[]
  /** What may have been there before the guest, and was removed by it. */
  readonly removed: readonly Place[]
  /** How many more were removed, of which the names are not known any more. */
  readonly unlisted: number
}

/** Something that could not be taken along, and why. */
export interface LeftOut {
  readonly place: Place
  readonly reason: string
}

export interface FilesState extends Changes {
  readonly openFiles: readonly OpenFile[]
  readonly descriptors: readonly OpenDescriptor[]
  readonly contents: Contents
  readonly entries: readonly Entry[]
  readonly left: readonly LeftOut[]
}
