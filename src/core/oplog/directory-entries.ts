import { bufferAddress, resultAddress, type WasiTarget } from './wasi-target.js'

/** One entry of a directory, as fd_readdir gives it. */
export interface DirectoryEntry {
  readonly name: string
  /** Cookie that asks for what comes behind it. */
  readonly next: bigint
  /** Type of preview 1. */
  readonly type: number
}

/** Of a dirent of preview 1: u64 d_next, u64 d_ino, u32 d_namlen, u8 d_type, padding. */
const headBytes = 24
const listBytes = 32_768

/** Reads entries from what fd_readdir has put into memory; a last one that is cut off is left out. */
export function readEntries(bytes: Uint8Array): readonly DirectoryEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: DirectoryEntry[] = []
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const end = at + headBytes + view.getUint32(at + 16, true)
    if (end > bytes.length) break
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + headBytes, end)),
      next: view.getBigUint64(at, true),
      type: view.getUint8(at + 20),
    })
    at = end
  }
  return entries
}

/** Lists a whole directory of a target, by its descriptor there. Uses the target's buffers. */
export function listDirectory(target: WasiTarget, fd: number): readonly DirectoryEntry[] {
  const entries: DirectoryEntry[] = []
  for (let cookie = 0n; ; ) {
    const args = [fd, bufferAddress, listBytes, cookie, resultAddress]
    if (target.call('fd_readdir', args) !== 0) return entries
    const memory = new Uint8Array(target.memory.buffer)
    const used = new DataView(memory.buffer).getUint32(resultAddress, true)
    const found = readEntries(memory.slice(bufferAddress, bufferAddress + used))
    entries.push(...found)
    const last = found.at(-1)
    if (used < listBytes || last === undefined) return entries
    cookie = last.next
  }
}
