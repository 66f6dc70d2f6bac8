/** Compares what another WASI implementation made of an operation with what is in the log. */
import {
  type OperationBytes,
  type OperationField,
  type Performed,
  readEntries,
} from '../../src/index.js'

/** A difference between implementations that docs/op-log.md lists. */
export interface KnownDifference {
  readonly call: string
  /** "errno", name of a result, or name of a member of a structure. */
  readonly what: string
}

/** The rows of the table in docs/op-log.md. */
export const knownDifferences: readonly KnownDifference[] = [
  ...listed('fd_fdstat_get', 'fs_flags'),
  ...listed('path_filestat_get', 'ino', 'atim', 'mtim', 'ctim'),
  ...listed('fd_readdir', 'bufused', 'bytes'),
]

function listed(call: string, ...whats: readonly string[]): readonly KnownDifference[] {
  return whats.map((what) => ({ call, what }))
}

export interface Difference {
  readonly seq: bigint
  readonly call: string
  readonly what: string
  readonly expected: string
  readonly actual: string
  /** The row of docs/op-log.md; null for one that is not listed. */
  readonly known: KnownDifference | null
}

type Values = Readonly<Record<string, bigint | string>>

/** Members of a structure of preview 1 (phases/snapshot/docs.md): offset and bytes. */
const members: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  fd_fdstat_get: {
    fs_filetype: [0, 1],
    fs_flags: [2, 2],
    fs_rights_base: [8, 8],
    fs_rights_inheriting: [16, 8],
  },
  fd_prestat_get: { tag: [0, 1], pr_name_len: [4, 4] },
  fd_filestat_get: filestat(),
  path_filestat_get: filestat(),
}

function filestat(): Readonly<Record<string, readonly [number, number]>> {
  return {
    dev: [0, 8],
    ino: [8, 8],
    filetype: [16, 1],
    nlink: [24, 8],
    size: [32, 8],
    atim: [40, 8],
    mtim: [48, 8],
    ctim: [56, 8],
  }
}

/** Lists every way in which a performed operation differs from the recorded one. */
export function comparePerformed(
  performed: Performed,
  bytes: OperationBytes | null,
): readonly Difference[] {
  const { operation } = performed
  const expected: Values = {
    errno: operation.errno,
    ...named(operation.results),
    ...describe(operation.call, bytes?.put ?? new Uint8Array()),
  }
  const actual: Values = {
    errno: performed.errno,
    ...named(performed.results),
    ...describe(operation.call, performed.put ?? new Uint8Array()),
  }
  const { seq, call } = operation
  const entries = compareEntries(performed, bytes)
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .flatMap((what) => {
      const [a, b] = [String(expected[what]), String(actual[what])]
      if (a === b) return []
      const known = knownDifferences.find((one) => one.call === call && one.what === what) ?? null
      return [{ seq, call, what, expected: a, actual: b, known }]
    })
    .concat(entries.map((text) => entryDifference(seq, text)))
}

/** Whether the entries of a directory are there, whatever their order and cookies are. */
function compareEntries(
  { operation, listing }: Performed,
  bytes: OperationBytes | null,
): readonly string[] {
  if (listing === null) return []
  const text = ({ name, type }: { readonly name: string; readonly type: number }) =>
    `${name} of type ${type}`
  const isNamed = ({ name }: { readonly name: string }) => name !== '.' && name !== '..'
  const recorded = readEntries(bytes?.put ?? new Uint8Array())
    .filter(isNamed)
    .map(text)
  const found = listing.filter(isNamed).map(text)
  const missing = recorded.filter((one) => !found.includes(one)).map((one) => `no ${one}`)
  const number = (name: string) =>
    [...operation.parameters, ...operation.results].find((field) => field.name === name)?.value
  const isWhole = number('cookie') === 0n && Number(number('bufused')) < Number(number('buf_len'))
  const added = isWhole ? found.filter((one) => !recorded.includes(one)) : []
  return [...missing, ...added.map((one) => `also ${one}`)]
}

function entryDifference(seq: bigint, actual: string): Difference {
  return { seq, call: 'fd_readdir', what: 'entries', expected: 'the same', actual, known: null }
}

function named(fields: readonly OperationField[]): Values {
  return Object.fromEntries(fields.map(({ name, value }) => [name, String(value)]))
}

/** What a call has put into memory, by names; nothing for a call that puts nothing there. */
function describe(call: string, bytes: Uint8Array): Values {
  const structure = members[call]
  if (structure === undefined || bytes.length === 0) {
    return { bytes: Buffer.from(bytes).toString('latin1') }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Object.fromEntries(
    Object.entries(structure).map(([name, [offset, size]]) => [name, read(view, offset, size)]),
  )
}

function read(view: DataView, offset: number, size: number): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(offset + i))
  return value
}
