import { constants } from 'node:os'
import { type ErrorCode, errnoOf, type Problem, WasmshError } from '../../core/errors.js'

const { EACCES, EDQUOT, ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOSPC, ENOTDIR } =
  constants.errno
const { EPERM, EROFS, EXDEV } = constants.errno

/** Something that stands against recovering a file. */
export interface FileProblem extends Problem {
  readonly code: ErrorCode
  readonly errno?: number
}

interface Cause {
  readonly code: ErrorCode
  readonly reason: string
  readonly hint: string
}

const denied = {
  code: 'ERR_WASMSH_RECOVER_FILE_DENIED',
  hint: 'Give yourself the permission, or map its directory to another one with --map-dir.',
} as const
const full = {
  code: 'ERR_WASMSH_RECOVER_DISK_FULL',
  hint: 'Make room, or recover into a directory on another disk with --map-dir.',
} as const
const tooMany = {
  code: 'ERR_WASMSH_RECOVER_TOO_MANY_FILES',
  hint: 'Raise the limit of open files (ulimit -n), or end other guests.',
} as const
const refused = {
  code: 'ERR_WASMSH_RECOVER_FILE_REFUSED',
  hint: 'Put a regular file there that no link leads out of its directory to.',
} as const
const missing = {
  code: 'ERR_WASMSH_RECOVER_FILE_MISSING',
  reason: 'is not there',
  hint: 'Put it there, or map its directory with --map-dir to one that has it.',
} as const
const tooLong = {
  code: 'ERR_WASMSH_RECOVER_FILE_REFUSED',
  reason: 'has a path that is too long for this file system',
  hint: 'Map its directory with --map-dir to one on another file system.',
} as const

/** By errno: what is wrong with a file, and what to do. */
const causes: ReadonlyMap<number, Cause> = new Map<number, Cause>([
  [ENOENT, missing],
  [ENOTDIR, missing],
  [EACCES, { ...denied, reason: 'may not be opened or made by you' }],
  [EPERM, { ...denied, reason: 'may not be opened or made by you' }],
  [EROFS, { ...denied, reason: 'is on a read-only file system, and is to be written' }],
  [ENOSPC, { ...full, reason: 'does not fit: the disk is full' }],
  [EDQUOT, { ...full, reason: 'does not fit: your quota is used up' }],
  [EMFILE, { ...tooMany, reason: 'cannot be opened: this process has too many open files' }],
  [ENFILE, { ...tooMany, reason: 'cannot be opened: the system has too many open files' }],
  [ENAMETOOLONG, tooLong],
  [EXDEV, { ...refused, reason: 'leads out of its directory through a link' }],
  [ELOOP, { ...refused, reason: 'leads through too many links' }],
])

/** What a failed file call says about a file.
 *  @throws what was thrown, when it is none of a file call */
export function problemOf(resource: string, thrown: unknown): FileProblem {
  const errno = errnoOf(thrown)
  if (errno === 0) throw thrown
  const cause = causes.get(errno) ?? {
    ...refused,
    reason: `cannot be recovered: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    hint: 'See what the file system has against it.',
  }
  return { resource, errno, ...cause }
}

/** A file of which nothing is there, whose name was not UTF-8. */
export function isNotUtf8(resource: string): boolean {
  return resource.includes('\uFFFD')
}

export function refuse(resource: string, reason: string): FileProblem {
  return { resource, reason, ...refused }
}

/** Tells all problems at once; returns without any.
 *  @throws WasmshError with the code that they share, else ERR_WASMSH_RECOVER_FILES */
export function throwProblems(problems: readonly FileProblem[]): void {
  const [first] = problems
  if (first === undefined) return
  const codes = new Set(problems.map(({ code }) => code))
  const errnos = new Set(problems.map(({ errno }) => errno))
  const errno = errnos.size === 1 ? first.errno : undefined
  const context = errno === undefined ? {} : { errno }
  if (problems.length === 1) {
    const { code, resource, reason, hint } = first
    throw new WasmshError(code, `${resource} ${reason}`, { hint, resource, ...context })
  }
  throw new WasmshError(
    codes.size === 1 ? first.code : 'ERR_WASMSH_RECOVER_FILES',
    `${problems.length} files stand against recovering the guest`,
    {
      hint: 'Nothing was changed: recover once more when all of them are in order.',
      problems: problems.map(({ resource, reason, hint }) => ({ resource, reason, hint })),
      ...context,
    },
  )
}
