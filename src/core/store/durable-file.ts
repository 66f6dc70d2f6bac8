import { existsSync, mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fromSystem, systemErrno, WasmshError } from '../errors.js'

/** Up to that size a file goes to the system's cache in less time than a round trip through the
 *  thread pool takes; on a busy machine such a trip is a millisecond. The same is true of calls that
 *  change or read one entry of a directory. */
const smallBytes = 64 * 1024

export interface WriteOptions {
  /** Permissions, 0o600 by default. */
  readonly mode?: number
  /** Wait until the bytes are on the disk; true by default. */
  readonly sync?: boolean
}

/** Turns the failure of a write in the store into STORE_FULL or STORE_WRITE. */
export function writeFailure(path: string, thrown: unknown): WasmshError {
  const errno = systemErrno(thrown)
  return errno === constants.errno.ENOSPC || errno === constants.errno.EDQUOT
    ? fromSystem('ERR_WASMSH_STORE_FULL', `No space to write ${path}`, thrown)
    : fromSystem('ERR_WASMSH_STORE_WRITE', `Cannot write ${path}`, thrown)
}

/** Runs an operation that writes below `path` and gives its failure one of the store's codes. */
export async function writing<Result>(
  path: string,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await operation()
  } catch (error) {
    throw error instanceof WasmshError ? error : writeFailure(path, error)
  }
}

/** Creates a file that must not exist yet. */
export async function createFile(
  path: string,
  contents: string | Uint8Array,
  { mode = 0o600, sync = true }: WriteOptions = {},
): Promise<void> {
  const isSmall = contents.length <= smallBytes
  if (!sync && isSmall) {
    writeFileSync(path, contents, { flag: 'wx', mode })
    return
  }
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(contents)
    if (sync) await file.sync()
  } finally {
    await file.close()
  }
}

/** Replaces a file by one rename, so that readers see the old or the new contents, never a part. */
export async function replaceFile(
  path: string,
  contents: string | Uint8Array,
  temporary: string,
  options: WriteOptions = {},
): Promise<void> {
  try {
    await createFile(temporary, contents, options)
    // Over a file that is there, some file systems begin to write the new one out.
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  if (options.sync !== false) await syncDirectory(dirname(path))
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Creates a directory of the store, and those above it, for the user alone. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    // So Node says, too, of a file system that may only be read: one directory tells which it is.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    let first = path
    while (!existsSync(dirname(first))) first = dirname(first)
    mkdirSync(first, { mode: 0o700 })
    mkdirSync(path, { recursive: true, mode: 0o700 })
  }
}

/** Names in a directory; none when it does not exist. @throws WasmshError STORE_READ */
export function listDirectory(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw fromSystem('ERR_WASMSH_STORE_READ', `Cannot list ${path}`, error)
  }
}

/** Removes one file; none is as well. rmSync tries more than that takes. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
