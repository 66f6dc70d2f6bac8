import { closeSync, constants, openSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { errnoOf } from '../../core/errors.js'
import type { Descriptor, FileStatus, HostFolder } from '../../core/plugin.js'
import { digestOf } from './digest.js'
import { nameOf } from './place.js'
import { type FileProblem, isNotUtf8, problemOf, refuse } from './problems.js'
import type { OpenFile } from './state.js'

const { O_APPEND, O_DSYNC, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_RDWR, O_SYNC, O_WRONLY } = constants
const { EACCES, EPERM, EROFS, ETXTBSY } = osConstants.errno
const refusesWriting: readonly number[] = [EACCES, EPERM, EROFS, ETXTBSY]

/** Of WASI preview 1. */
const fdflags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 }
const right = { fdDatasync: 1n, fdRead: 2n, fdWrite: 64n, fdAllocate: 256n, fdReaddir: 1n << 14n }
const fdFilestatSetSize = 1n << 22n
const reading = right.fdRead | right.fdReaddir
const writing = right.fdDatasync | right.fdWrite | right.fdAllocate | fdFilestatSetSize

/** The descriptors that share an open file. */
type Holders = readonly Pick<Descriptor, 'rightsBase' | 'fdflags'>[]

/** A file opened as a guest had it, or why it cannot be. */
export type Reopened =
  | { readonly hostFd: number; readonly status: FileStatus }
  | { readonly problem: FileProblem }

/**
 * Opens what a recorded open named, without what creates or destroys: a recorded fopen("w") does
 * not empty the file again. Access follows from the rights, as when the guest opened it.
 *
 * @param holders the descriptors that share it
 */
export function reopen(
  folder: HostFolder,
  { kind, place }: Pick<OpenFile, 'kind' | 'place'>,
  holders: Holders,
): Reopened {
  const name = nameOf(place)
  try {
    const { hostFd, status } = openWith(folder, place.path, kind, holders)
    if (hostFd !== null && status.kind === kind) return { hostFd, status }
    if (hostFd !== null) closeSync(hostFd)
    const what = status.kind === 'other' ? 'neither a file nor a directory' : `a ${status.kind}`
    return { problem: refuse(name, `is ${what} here, and was a ${kind}`) }
  } catch (error) {
    const problem = problemOf(name, error)
    const isUnnamed = problem.code === 'ERR_WASMSH_RECOVER_FILE_MISSING' && isNotUtf8(name)
    if (!isUnnamed) return { problem }
    const hint = 'Rename the file before the snapshot is taken.'
    return { problem: { ...problem, reason: 'has a name that is not UTF-8', hint } }
  }
}

/** Opens once more what has no name, by a descriptor of it: with an offset and flags of its own. */
export function reopenNameless(
  hostFd: number,
  { kind, place }: Pick<OpenFile, 'kind' | 'place'>,
  holders: Holders,
): { readonly hostFd: number } | { readonly problem: FileProblem } {
  try {
    return { hostFd: openSync(`/proc/self/fd/${hostFd}`, modeOf(kind, holders).flags) }
  } catch (error) {
    return { problem: problemOf(nameOf(place), error) }
  }
}

function openWith(
  folder: HostFolder,
  path: string,
  kind: OpenFile['kind'],
  holders: Holders,
): ReturnType<HostFolder['openExisting']> {
  const { flags, readOnly } = modeOf(kind, holders)
  try {
    return folder.openExisting(path, flags)
  } catch (error) {
    if (readOnly === null || !refusesWriting.includes(errnoOf(error))) throw error
    return folder.openExisting(path, readOnly)
  }
}

/** How open(2) is asked; and how instead where writing is refused, which some programs ask for
 *  without a need: the guest was given such files for reading. */
function modeOf(
  kind: OpenFile['kind'],
  holders: Holders,
): { readonly flags: number; readonly readOnly: number | null } {
  if (kind === 'directory') return { flags: O_RDONLY, readOnly: null }
  const rights = holders.reduce((all, { rightsBase }) => all | rightsBase, 0n)
  const flags = flagsOf(holders[0]?.fdflags ?? 0)
  if ((rights & writing) === 0n) return { flags: flags | O_RDONLY, readOnly: null }
  const access = (rights & reading) !== 0n ? O_RDWR : O_WRONLY
  const isNeeded = (rights & right.fdWrite) !== 0n
  return { flags: flags | access, readOnly: isNeeded ? null : flags | O_RDONLY }
}

function flagsOf(wanted: number): number {
  let flags = O_NOCTTY
  if ((wanted & fdflags.append) !== 0) flags |= O_APPEND
  if ((wanted & fdflags.dsync) !== 0) flags |= O_DSYNC
  if ((wanted & fdflags.nonblock) !== 0) flags |= O_NONBLOCK
  if ((wanted & (fdflags.sync | fdflags.rsync)) !== 0) flags |= O_SYNC
  return flags
}

/** Says why an open file is not the one that it was; null when it is. */
export async function findChange(
  { place, expected }: Pick<OpenFile, 'place' | 'expected'>,
  fd: number,
  { hostFd, status }: { readonly hostFd: number; readonly status: FileStatus },
): Promise<FileProblem | null> {
  if (expected === null) return null
  if (status.bytes === expected.bytes) {
    if (status.modifiedNs === expected.modifiedNs) return null
    const { digest } = expected
    if (digest !== null && (await digestOf(hostFd).catch(() => null)) === digest) return null
  }
  const name = nameOf(place)
  return {
    resource: name,
    code: 'ERR_WASMSH_RECOVER_FILE_CHANGED',
    reason: 'was changed after the snapshot was taken',
    hint: `Put it back as it was; or have the snapshot take it as it is, with "set files.fd[${fd}].path = ${name}", and recover that.`,
  }
}
