import * as v from 'valibot'
import type { BlobRef, Json, StateSchema } from '../../core/plugin.js'
import { keyOf, leadsOut } from './place.js'
import { contentsChoices, type FilesState, type NamelessFile, type OpenFile } from './state.js'

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const mode = v.pipe(number, v.maxValue(0o7777))
const integer = v.pipe(
  v.string(),
  v.regex(/^\d{1,20}$/),
  v.transform((text) => BigInt(text)),
  v.maxValue(2n ** 64n - 1n),
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

const openFile = v.strictObject({
  id: number,
  kind: v.picklist(['file', 'directory']),
  place,
  options: v.nullable(
    v.strictObject({ oflags: number, fdflags: number, rights: integer, inheriting: integer }),
  ),
  offset: v.pipe(integer, v.maxValue(2n ** 63n - 1n)),
  expected: v.nullable(
    v.strictObject({ bytes: integer, modifiedNs: integer, digest: v.nullable(blob) }),
  ),
  nameless: v.nullable(v.strictObject({ number, blob: v.nullable(blob), modifiedNs: integer })),
})

const stateSchema = v.pipe(
  v.strictObject({
    openFiles: v.array(openFile),
    descriptors: v.array(v.strictObject({ fd: number, openFile: number })),
    contents: v.picklist(contentsChoices),
    entries: v.array(entry),
    written: places,
    moved: places,
    removed: places,
    unlisted: number,
    left: v.array(v.strictObject({ place, reason: text })),
  }),
  v.check(
    ({ entries }) =>
      entries.every((one) => one.kind !== 'symlink' || !leadsOut(one.place, one.target)),
    'has a symbolic link that leads out of its directory',
  ),
  v.check((state) => areUnique(state.openFiles.map(({ id }) => id)), 'lists an open file twice'),
  v.check((state) => areUnique(state.descriptors.map(({ fd }) => fd)), 'lists a descriptor twice'),
  v.check((state) => {
    const known = new Set(state.openFiles.map(({ id }) => id))
    const used = new Set(state.descriptors.map((one) => one.openFile))
    return known.size === used.size && [...used].every((id) => known.has(id))
  }, 'has descriptors and open files that do not belong together'),
  v.check(
    (state) =>
      state.openFiles.every(
        ({ kind, nameless }) =>
          nameless === null || (nameless.blob === null) === (kind === 'directory'),
      ),
    'has a deleted file without contents, or a directory with some',
  ),
  v.check((state) => areConsistent(state.openFiles), 'has two contents of one deleted file'),
  v.check(
    (state) => areUnique(state.entries.map((one) => keyOf(one.place))),
    'lists a place twice',
  ),
  v.check((state) => {
    const files = new Set<string>()
    return state.entries.every((one) => {
      if (one.kind === 'file') files.add(keyOf(one.place))
      return one.kind !== 'link' || files.has(keyOf(one.to))
    })
  }, 'has a link to a file that is not listed before it'),
)

function areUnique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}

/** Whether open files of one deleted file say the same of it. */
function areConsistent(openFiles: readonly Pick<OpenFile, 'nameless'>[]): boolean {
  const known = new Map<number, NamelessFile>()
  return openFiles.every(({ nameless }) => {
    if (nameless === null) return true
    const first = known.get(nameless.number) ?? nameless
    known.set(nameless.number, first)
    return first.blob === nameless.blob && first.modifiedNs === nameless.modifiedNs
  })
}

/** Version 1 had each open file that was deleted for a file of its own, and listed all names. */
function migrateFrom1(state: Json): Json {
  const { openFiles, ...rest } = Object(state) as Record<string, Json>
  if (!Array.isArray(openFiles)) throw new Error('openFiles is no list')
  const numbered = openFiles.map((one) => {
    const { id = null, nameless = null, ...others } = Object(one) as Record<string, Json>
    const known = nameless === null ? null : { ...Object(nameless), number: id }
    return { ...others, id, nameless: known as Json }
  })
  return { ...rest, openFiles: numbered, unlisted: 0 }
}

export const schema: StateSchema<FilesState> = {
  version: 2,
  migrations: { 1: migrateFrom1 },
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
