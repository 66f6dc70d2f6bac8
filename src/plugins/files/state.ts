import * as v from 'valibot'
import type { BlobRef, Json, StateSchema } from '../../core/plugin.js'
import type { Place } from './place.js'

/** Which files of the guest's directories a snapshot takes along. */
export const contentsChoices = ['none', 'written', 'all'] as const
export type Contents = (typeof contentsChoices)[number]

/** The {descriptor, path, options} of an open, as it was recorded, and where it stands now. */
export interface OpenFile {
  readonly descriptor: number
  readonly place: Place
  /** Of path_open (WASI preview 1), unchanged; null for what was open before anything was
   *  recorded. Recovery leaves out what creates or destroys. */
  readonly options: OpenOptions | null
  /** Bytes from the start. */
  readonly offset: bigint
}

export interface OpenOptions {
  readonly oflags: number
  readonly fdflags: number
  readonly rights: bigint
  readonly inheriting: bigint
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

/** A file that was deleted while it was open. */
export interface NamelessFile {
  readonly descriptor: number
  readonly blob: BlobRef
  readonly modifiedNs: bigint
}

/** What the guest did to names, whether or not contents travel. */
export interface Changes {
  /** Made, or opened for writing. */
  readonly written: readonly Place[]
  /** Renamed with all that is below. */
  readonly moved: readonly Place[]
  readonly removed: readonly Place[]
}

export interface FilesState extends Changes {
  readonly open: readonly OpenFile[]
  readonly contents: Contents
  readonly entries: readonly Entry[]
  readonly nameless: readonly NamelessFile[]
  /** What could not be taken along, and why. */
  readonly left: readonly { readonly place: Place; readonly reason: string }[]
}

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const mode = v.pipe(number, v.maxValue(0o7777))
const integer = v.pipe(
  v.string(),
  v.regex(/^\d{1,20}$/),
  v.transform((text) => BigInt(text)),
)
const blob = v.pipe(
  v.string(),
  v.regex(/^sha256:[0-9a-f]{64}$/),
  v.transform((text) => text as BlobRef),
)
const text = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.check((value) => !value.includes('\0'), 'has a zero byte in it'),
)

/** Paths are compared as text and used on the host: nothing in them may lead out. */
const path = v.pipe(
  text,
  v.check(
    (value) =>
      value === '' ||
      value.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'leads out of its directory',
  ),
)
const place = v.strictObject({ directory: text, path })
const places = v.array(place)

const entry = v.variant('kind', [
  v.strictObject({ kind: v.literal('directory'), place, mode }),
  v.strictObject({ kind: v.literal('symlink'), place, target: text }),
  v.strictObject({
    kind: v.literal('file'),
    place,
    mode,
    modifiedNs: integer,
    bytes: integer,
    blob,
  }),
  v.strictObject({ kind: v.literal('link'), place, to: place }),
])

const stateSchema = v.strictObject({
  open: v.array(
    v.strictObject({
      descriptor: number,
      place,
      options: v.nullable(
        v.strictObject({ oflags: number, fdflags: number, rights: integer, inheriting: integer }),
      ),
      offset: integer,
    }),
  ),
  contents: v.picklist(contentsChoices),
  entries: v.array(entry),
  nameless: v.array(v.strictObject({ descriptor: number, blob, modifiedNs: integer })),
  written: places,
  moved: places,
  removed: places,
  left: v.array(v.strictObject({ place, reason: text })),
})

export const schema: StateSchema<FilesState> = {
  version: 1,
  migrations: {},
  format: (state) =>
    JSON.parse(
      JSON.stringify(state, (_, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      ),
    ) as Json,
  parse(json) {
    const result = v.safeParse(stateSchema, json, { abortEarly: true })
    if (result.success) return result.output
    const [issue] = result.issues
    throw new Error(`${v.getDotPath(issue) ?? 'it'} ${issue.message}`)
  },
}
