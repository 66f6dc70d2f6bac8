import { createHash } from 'node:crypto'
import type { Guest } from '../guest/guest.js'
import type { Descriptor, Thread, View } from '../wasm-view.js'

const chunkBytes = 1024 * 1024

/** Digest of everything that the guest can observe of itself: frames, globals, tables, memory,
 *  descriptors, random state. What only the host sees (CPU time, times of files) is left out. */
export function digestState(guest: Guest): string {
  const hash = createHash('sha256')
  hash.update(canonical(guest.view()))
  const { memoryBytes } = guest.info()
  for (let address = 0; address < memoryBytes; address += chunkBytes) {
    hash.update(guest.readMemory(address, Math.min(chunkBytes, memoryBytes - address)))
  }
  return hash.digest('hex')
}

function canonical(view: View): string {
  const threads = view.threads.map((thread: Thread) => ({ ...thread, cpuNs: 0n }))
  const descriptors = view.descriptors.map((one: Descriptor) => ({
    ...one,
    modifiedNs: 0n,
    unread: Buffer.from(one.unread).toString('hex'),
  }))
  const seen = { ...view, threads, descriptors, monotonicNs: 0n }
  return JSON.stringify(seen, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}
