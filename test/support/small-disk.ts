import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of a few bytes, until it is disposed of. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** From now on it may only be read. */
  forbidWrites(): void
}

/** Whether this process may mount one. Root alone is not enough: a container may have no right to. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'wasmsh-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'wasmsh-test', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Mounts one, of memory. */
export function smallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'wasmsh-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'wasmsh-test', path])
  return {
    path,
    forbidWrites: () => void execFileSync('mount', ['-o', 'remount,ro', path]),
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [path])
      rmSync(path, { recursive: true })
    },
  }
}
