import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { constants as osConstants } from 'node:os'
import { posix } from 'node:path'
import { errnoOf } from './errors.js'
import type { NativeBinding } from './native.js'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY, W_OK, X_OK } = constants
const { ENOENT, ENOTDIR, EOPNOTSUPP, EPERM } = osConstants.errno
const cannotLink: readonly number[] = [EPERM, EOPNOTSUPP]
/** Node has no constant for it (open(2)). */
const O_PATH = 0o10000000

export type FileKind = 'file' | 'directory' | 'symlink' | 'other'

export interface FileStatus {
  readonly kind: FileKind
  readonly bytes: bigint
  /** Nanoseconds since 1970. */
  readonly modifiedNs: bigint
  /** Permission bits. */
  readonly mode: number
  /** Names the file as long as it exists, whatever it is called. */
  readonly identity: string
  /** Names that lead to it. */
  readonly links: number
}

/**
 * The files below a host directory. Paths are relative to it, and nothing leads out: no "..", no
 * absolute path and no symbolic link, also while somebody else moves things about. Errors are those
 * of Node's file calls, or have `code` "SYSTEM" and an `errno`.
 */
export class HostFolder {
  readonly #native: Pick<NativeBinding, 'openBeneath' | 'setModified' | 'copyContents'>

  constructor(
    native: Pick<NativeBinding, 'openBeneath' | 'setModified' | 'copyContents'>,
    readonly hostPath: string,
  ) {
    this.#native = native
  }

  /** Opens a file as open(2) does; the caller closes it. */
  open(path: string, flags: number, mode = 0o600): number {
    return this.#native.openBeneath(this.hostPath, path === '' ? '.' : path, flags, mode)
  }

  /**
   * Opens a file or directory that is there, through symbolic links that stay inside; the caller
   * closes it. `hostFd` is null for anything else: a device or a named pipe is never opened, since
   * that may have effects, or wait.
   */
  openExisting(
    path: string,
    flags: number,
  ): { readonly status: FileStatus; readonly hostFd: number | null } {
    const pinned = this.open(path, O_PATH)
    try {
      const status = statusOf(pinned)
      const isPlain = status.kind === 'file' || status.kind === 'directory'
      // By what was looked at, not by its path once more: nobody can put something else there.
      return { status, hostFd: isPlain ? openSync(`/proc/self/fd/${pinned}`, flags) : null }
    } finally {
      closeSync(pinned)
    }
  }

  /** Whether this process may make and remove names in a directory. */
  isWritable(path: string): boolean {
    return this.#within(path, (inside) => {
      try {
        accessSync(inside, W_OK | X_OK)
        return true
      } catch {
        return false
      }
    })
  }

  /** Bytes that this process may still write here. */
  freeBytes(): bigint {
    const { bavail, bsize } = statfsSync(this.hostPath, { bigint: true })
    return bavail * bsize
  }

  /** Null when there is nothing; of a symbolic link its own status. */
  status(path: string): FileStatus | null {
    let fd: number
    try {
      fd = this.open(path, O_PATH | O_NOFOLLOW)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
    try {
      return statusOf(fd)
    } finally {
      closeSync(fd)
    }
  }

  /** Names in a directory, sorted; those that are not UTF-8 as null. */
  list(path: string): readonly (string | null)[] {
    return this.#within(path, (inside) =>
      readdirSync(inside, { encoding: 'buffer' })
        .map((name) => {
          const text = name.toString('utf8')
          return Buffer.from(text).equals(name) ? text : null
        })
        .sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1)),
    )
  }

  readLink(path: string): string {
    return this.#beside(path, (inside) => readlinkSync(inside, 'utf8'))
  }

  /** Where a path leads when its symbolic links are followed; null when that is nowhere inside. */
  resolve(path: string): string | null {
    let fd: number
    try {
      fd = this.open(path, O_PATH)
    } catch {
      return null
    }
    try {
      const root = realpathSync(this.hostPath)
      const inside = posix.relative(root, readlinkSync(`/proc/self/fd/${fd}`))
      return inside === '..' || inside.startsWith('../') ? null : inside
    } finally {
      closeSync(fd)
    }
  }

  /** Sets the permission bits of a file or directory, whatever the process's umask is. */
  setMode(path: string, mode: number): void {
    const fd = this.open(path, O_RDONLY | O_NOFOLLOW)
    try {
      fchmodSync(fd, mode)
    } finally {
      closeSync(fd)
    }
  }

  /** The status of an open file. */
  statusOf(hostFd: number): FileStatus {
    return statusOf(hostFd)
  }

  makeDirectory(path: string, mode: number): void {
    this.#beside(path, (inside) => mkdirSync(inside, { mode }))
  }

  makeLink(path: string, target: string): void {
    this.#beside(path, (inside) => symlinkSync(target, inside))
  }

  /** Gives a file a further name. */
  linkTo(path: string, other: string): void {
    this.#beside(path, (from) => this.#beside(other, (to) => linkSync(from, to)))
  }

  rename(from: string, to: string): void {
    this.#beside(from, (a) => this.#beside(to, (b) => renameSync(a, b)))
  }

  /** Renames a file to a name that nothing has yet. */
  renameNew(from: string, to: string): void {
    try {
      this.linkTo(from, to)
    } catch (error) {
      // A file system without hard links: only there may something be replaced that has just come.
      if (!cannotLink.includes(errnoOf(error)) || this.status(to) !== null) throw error
      this.rename(from, to)
      return
    }
    this.remove(from)
  }

  /** Removes a file, a symbolic link or an empty directory. */
  remove(path: string): void {
    const isDirectory = this.status(path)?.kind === 'directory'
    this.#beside(path, isDirectory ? rmdirSync : unlinkSync)
  }

  setModified(hostFd: number, modifiedNs: bigint): void {
    this.#native.setModified(hostFd, modifiedNs)
  }

  /** Makes one open file's contents those of another, holes included. */
  async copyContents(from: number, to: number): Promise<void> {
    await this.#native.copyContents(from, to)
  }

  /** Uses a directory by a path that goes through its open descriptor: it cannot be swapped. */
  #within<Result>(path: string, use: (inside: string) => Result): Result {
    const fd = this.open(path, O_RDONLY | O_DIRECTORY)
    try {
      return use(`/proc/self/fd/${fd}`)
    } finally {
      closeSync(fd)
    }
  }

  /** The same for a name in a directory. */
  #beside<Result>(path: string, use: (inside: string) => Result): Result {
    const name = posix.basename(path)
    if (name === '' || name === '.' || name === '..') throw new Error(`"${path}" names no file`)
    return this.#within(posix.dirname(path), (inside) => use(`${inside}/${name}`))
  }
}

/** The status of an open file. */
function statusOf(hostFd: number): FileStatus {
  const found = fstatSync(hostFd, { bigint: true })
  const kind: FileKind = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isSymbolicLink()
        ? 'symlink'
        : 'other'
  return {
    kind,
    bytes: found.size,
    modifiedNs: found.mtimeNs,
    mode: Number(found.mode & 0o7777n),
    identity: `${found.dev}:${found.ino}`,
    links: Number(found.nlink),
  }
}

/** Whether a file call failed because there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === ENOENT || errno === ENOTDIR
}
