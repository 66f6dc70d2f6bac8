import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { BlobRef } from '../../core/plugin.js'

/** SHA-256 of what an open host file holds, whatever its offset is; `tell` is called as it goes
 *  on. */
export async function digestOf(hostFd: number, tell?: () => void): Promise<BlobRef> {
  const hash = createHash('sha256')
  // By its own path, not by the descriptor: a stream would read from the offset, and move it.
  const stream = createReadStream(`/proc/self/fd/${hostFd}`, { highWaterMark: 1024 * 1024 })
  for await (const chunk of stream) {
    hash.update(chunk as Uint8Array)
    tell?.()
  }
  return `sha256:${hash.digest('hex')}`
}
