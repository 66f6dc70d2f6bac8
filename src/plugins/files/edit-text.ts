import { flagNames } from './table.js'

/** What `set` is told to do about a descriptor. */
export type FileEdit =
  | { readonly kind: 'offset'; readonly fd: number; readonly offset: bigint }
  | { readonly kind: 'path'; readonly fd: number; readonly path: string }
  | { readonly kind: 'flags'; readonly fd: number; readonly fdflags: number }
  | { readonly kind: 'close'; readonly fd: number }
  | { readonly kind: 'share'; readonly fd: number; readonly with: number }
  | {
      readonly kind: 'open'
      readonly fd: number
      readonly path: string
      readonly fdflags: number
      readonly rights: bigint
    }

/** Rights of a descriptor that is opened by an edit. */
const right = { seek: 1n << 2n, tell: 1n << 5n, setFlags: 1n << 3n, filestat: 1n << 21n }
const common = right.seek | right.tell | right.setFlags | right.filestat | (1n << 7n) | (1n << 27n)
const reading = (1n << 1n) | (1n << 14n)
const writing = (1n << 0n) | (1n << 4n) | (1n << 6n) | (1n << 8n) | (1n << 22n) | (1n << 23n)
/** All that a directory can have: from path_create_directory on. */
export const directoryRights = 0x0fbffe00n

const maxDescriptors = 1024

/** The places that `set` changes, for its manual page. */
export const editTargets = [
  { usage: 'files.fd[N].offset', summary: 'where it stands, in bytes from the start' },
  { usage: 'files.fd[N].path', summary: 'the file or directory that it stands for, "/data/other"' },
  { usage: 'files.fd[N].flags', summary: 'append, nonblock, with commas; or none' },
  {
    usage: 'files.fd[N]',
    summary: 'closed; fd[M] to share that open file; or PATH [read,write,append] to open it',
  },
] as const

/** Understands `set files.TARGET = VALUE`.
 *  @throws Error that says what is wrong with it */
export function parseEdit(target: string, value: string): FileEdit {
  const [, number = '', member] = /^fd\[(\d{1,4})\](?:\.(\w+))?$/.exec(target) ?? []
  const fd = Number(number)
  if (number === '') throw new Error('it names no descriptor: write files.fd[4].offset')
  if (fd >= maxDescriptors) throw new Error(`a guest has at most ${maxDescriptors} descriptors`)
  switch (member) {
    case 'offset':
      return { kind: 'offset', fd, offset: parseOffset(value) }
    case 'path':
      return { kind: 'path', fd, path: parsePath(value).path }
    case 'flags':
      return { kind: 'flags', fd, fdflags: parseFlags(value === 'none' ? [] : value.split(',')) }
    case undefined:
      return parseWhole(fd, value)
    default:
      throw new Error(`a descriptor has offset, path and flags, and no "${member}"`)
  }
}

function parseWhole(fd: number, value: string): FileEdit {
  if (value === 'closed') return { kind: 'close', fd }
  const [, other] = /^fd\[(\d{1,4})\]$/.exec(value) ?? []
  if (other !== undefined) return { kind: 'share', fd, with: Number(other) }
  const { path, rest } = parsePath(value)
  const words = rest === '' ? ['read'] : rest.split(',').map((word) => word.trim())
  const access = words.filter((word) => word === 'read' || word === 'write')
  const fdflags = parseFlags(words.filter((word) => word !== 'read' && word !== 'write'))
  const rights =
    common |
    (access.includes('read') || access.length === 0 ? reading : 0n) |
    (access.includes('write') ? writing : 0n)
  return { kind: 'open', fd, path, fdflags, rights }
}

function parseOffset(value: string): bigint {
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(value)) throw new Error(`"${value}" is no number of bytes`)
  const offset = BigInt(value)
  if (offset >= 2n ** 63n) throw new Error(`${value} is beyond any file`)
  return offset
}

/** An absolute path of the guest, quoted where it has blanks, and what follows it. */
function parsePath(value: string): { readonly path: string; readonly rest: string } {
  const [, quoted, plain, rest = ''] =
    /^(?:("(?:[^"\\]|\\.)*")|([^\s"]+))(?:\s+(.*))?$/.exec(value) ?? []
  let path = plain ?? ''
  if (quoted !== undefined) {
    try {
      path = String(JSON.parse(quoted))
    } catch {
      throw new Error(`${quoted} is no text`)
    }
  }
  if (path.includes('\0')) throw new Error('a path has no zero byte')
  if (path === '') throw new Error(`"${value}" is no path`)
  return { path, rest }
}

function parseFlags(words: readonly string[]): number {
  let fdflags = 0
  for (const word of words.map((one) => one.trim())) {
    const bit = (flagNames as readonly string[]).indexOf(word)
    if (bit < 0) throw new Error(`there is no flag "${word}": it has ${flagNames.join(', ')}`)
    fdflags |= 1 << bit
  }
  return fdflags
}
