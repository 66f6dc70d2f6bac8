import type { Module } from '../core/module.js'
import type { Operation, OperationField } from '../core/oplog/operation.js'
import type { OperationBytes } from '../core/oplog/operation-bytes.js'
import { rightsText, wasiName } from '../core/oplog/wasi-names.js'
import { formatValue } from '../core/value/value.js'
import { count, fold, hex, printable } from './text.js'
import type { Theme } from './theme.js'

/** Kinds of calls that `log --class` chooses. */
export const operationClasses = {
  files: /^(fd|path)_/,
  sockets: /^sock_/,
  time: /^(clock_|poll_oneoff$|sched_yield$)/,
  random: /^random_/,
  process: /^(args|environ|proc)_/,
} as const

export type OperationClass = keyof typeof operationClasses

/** Bytes that a line shows of what a call has moved. */
const shownBytes = 32
/** Calls that put text into a buffer. */
const putText = new Set(['fd_prestat_dir_name', 'path_readlink'])

/** "path_open(3, symlink_follow, "a.txt", creat|trunc, fd_read, 0, append) = 4"; with the bytes of the
 *  call, where they are kept: "fd_write(1, "text" in 1 buffer) = 4". */
export function renderOperation(
  operation: Operation,
  bytes: OperationBytes | null,
  theme: Theme,
): string {
  const { call, errno, parameters, results } = operation
  const given = parameters
    .map((field) => `${renderBytes(field, call, bytes)}${renderField(field, theme)}`)
    .join(', ')
  const outcome =
    errno !== 'success'
      ? theme.warning(errno)
      : results.length === 0
        ? theme.quiet(errno)
        : results.map((field) => renderField(field, theme)).join(', ')
  const head = `${theme.functionName(call)}(${given})`
  return call === 'proc_exit' ? head : `${head} = ${outcome}${renderWrites(operation, theme)}`
}

/** What a plugin's function wrote into memory: ", 8 bytes at 0x40". */
function renderWrites({ writes }: Operation, theme: Theme): string {
  return writes
    .map(({ address, length }) => `, ${count(length, 'byte')} at ${theme.address(hex(address))}`)
    .join('')
}

/** The line of an operation, continued on further ones where it is wider than `width`, which is null
 *  for what is no terminal. */
export function numberedLine(
  seq: bigint,
  text: string,
  width: number | null,
  theme: Theme,
): readonly string[] {
  const line = `${theme.quiet(String(seq).padStart(6))}  ${text}`
  return width === null ? [line] : fold(line, width, ' '.repeat(12))
}

/** The frames that led to an operation, one a line, innermost first. */
export function renderCallers({ frames }: Operation, module: Module, theme: Theme): string[] {
  return frames.map(({ function: index, pc }) => {
    const name = printable(module.functionName(index))
    return `        ${theme.quiet('from')} ${theme.functionName(name)} ${theme.address(hex(pc))}`
  })
}

/** `"text"... in `, in front of a buffer whose text is known. */
function renderBytes(field: OperationField, call: string, bytes: OperationBytes | null): string {
  const isText = field.type === 'iovec_array' || (field.type === 'buffer' && putText.has(call))
  if (bytes === null || !isText) return ''
  const moved = bytes.taken.length > 0 ? bytes.taken : bytes.put
  const text = printable(new TextDecoder().decode(moved.subarray(0, shownBytes)))
  return `"${text}"${moved.length > shownBytes ? '...' : ''} in `
}

function renderField({ type, value }: OperationField, theme: Theme): string {
  if (typeof value !== 'bigint') return `"${printable(new TextDecoder().decode(value))}"`
  switch (type) {
    case 'rights':
      return rightsText(value)
    case 'filedelta':
      return theme.number(String(BigInt.asIntN(64, value)))
    case 'buffer':
      return theme.quiet(count(value, 'byte'))
    case 'iovec_array':
      return theme.quiet(count(value, 'buffer'))
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return theme.number(formatValue(type, value))
    default:
      return wasiName(type, value) ?? theme.number(String(value))
  }
}

/** The fields of an operation as a program reads them: numbers, names of flags, paths as text. */
export function plainFields(fields: readonly OperationField[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(({ name, type, value }) => [name, plainValue(type, value)] as const),
  )
}

function plainValue(type: string, value: bigint | Uint8Array): unknown {
  if (typeof value !== 'bigint') return new TextDecoder().decode(value)
  const named = wasiName(type, value)
  if (named !== null) return named
  if (type === 'f32' || type === 'f64') return formatValue(type, value)
  const isSigned = type === 'filedelta' || type === 'i64'
  const number =
    type === 'i32' ? BigInt.asIntN(32, value) : isSigned ? BigInt.asIntN(64, value) : value
  const fits = number <= Number.MAX_SAFE_INTEGER && number >= Number.MIN_SAFE_INTEGER
  return fits ? Number(number) : number
}
