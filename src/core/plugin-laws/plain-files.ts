import { constants, futimesSync, lstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { NativeBinding } from '../native.js'

const { O_NOFOLLOW } = constants

/** File calls that HostFolder needs, in JavaScript: for directories that nobody else uses. */
export const plainFiles: Pick<NativeBinding, 'openBeneath' | 'setModified' | 'copyContents'> = {
  openBeneath(root, path, flags, mode) {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    if (path.startsWith('/') || parts.includes('..')) throw failure('EXDEV', 18, path)
    let at = root
    for (const [index, part] of parts.entries()) {
      at = join(at, part)
      const status = lstatSync(at, { throwIfNoEntry: false })
      const isLast = index === parts.length - 1
      if (status?.isSymbolicLink() === true && !(isLast && (flags & O_NOFOLLOW) !== 0)) {
        throw failure('ELOOP', 40, path)
      }
    }
    return openSync(at, flags, mode)
  },
  setModified(hostFd, modifiedNs) {
    const seconds = Number(modifiedNs) / 1e9
    futimesSync(hostFd, seconds, seconds)
  },
  async copyContents(from, to) {
    const contents = readFileSync(`/proc/self/fd/${from}`)
    for (let at = 0; at < contents.length; ) {
      at += writeSync(to, contents, at, contents.length - at, at)
    }
  },
}

function failure(code: string, errno: number, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, errno: -errno })
}
