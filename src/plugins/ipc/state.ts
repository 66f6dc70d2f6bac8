import * as v from 'valibot'
import type { BlobRef, Json, StateSchema } from '../../core/plugin.js'
import type { Access } from './pipe.js'

/** A descriptor of the guest that is an end of a pipe. */
export interface StoredEnd {
  readonly descriptor: number
  readonly access: Access
}

/** An end that another guest had. */
export interface PeerEnd {
  readonly guest: string
  readonly access: Access
}

/** A pipe, as one of the guests that have it open saw it. */
export interface StoredPipe {
  /** The same in the snapshots of a group. */
  readonly id: string
  readonly name: string
  /** Bytes that it held at most. */
  readonly capacity: number
  readonly ends: readonly StoredEnd[]
  readonly peers: readonly PeerEnd[]
  /** Ends that no guest had had yet. */
  readonly unopened: readonly Access[]
  /** Bytes in flight, in their order; null when they are another guest's to keep, or there are none. */
  readonly contents: BlobRef | null
}

export interface IpcState {
  /** The group of snapshots that it belongs to; null for a guest that was taken alone. */
  readonly group: string | null
  /** Name of the guest, by which its peers know it. */
  readonly guest: string
  readonly pipes: readonly StoredPipe[]
}

const access = v.picklist(['read', 'write'])
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(100), v.regex(/^\P{Cc}*$/u))
const uuid = v.pipe(v.string(), v.uuid())
const blob = v.pipe(
  v.string(),
  v.regex(/^sha256:[0-9a-f]{64}$/),
  v.transform((text) => text as BlobRef),
)

const stateSchema = v.strictObject({
  group: v.nullable(uuid),
  guest: name,
  pipes: v.pipe(
    v.array(
      v.strictObject({
        id: uuid,
        name: v.pipe(name, v.regex(/^(\|\d{1,9}|[\p{L}\p{N}][\p{L}\p{N}._+@-]*)$/u)),
        // What F_SETPIPE_SZ takes; the system decides what it allows.
        capacity: v.pipe(number, v.minValue(1), v.maxValue(2 ** 31 - 1)),
        ends: v.pipe(v.array(v.strictObject({ descriptor: number, access })), v.minLength(1)),
        peers: v.array(v.strictObject({ guest: name, access })),
        unopened: v.array(access),
        contents: v.nullable(blob),
      }),
    ),
    v.maxLength(1024),
    v.check((pipes) => isOnce(pipes.map(({ id }) => id)), 'lists a pipe twice'),
    v.check(
      (pipes) => isOnce(pipes.flatMap(({ ends }) => ends.map(({ descriptor }) => descriptor))),
      'lists a descriptor twice',
    ),
  ),
})

function isOnce(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}

export const schema: StateSchema<IpcState> = {
  version: 1,
  migrations: {},
  format: (state) => JSON.parse(JSON.stringify(state)) as Json,
  parse(json) {
    const result = v.safeParse(stateSchema, json, { abortEarly: true })
    if (result.success) return result.output
    const [issue] = result.issues
    throw new Error(`${v.getDotPath(issue) ?? 'it'} ${issue.message}`)
  },
}
