/** Archives taken apart and put together again, by other code than that of src/core/archive. */
import { join } from 'node:path'
import tar from 'tar-stream'
import { loadNative } from '../../src/core/native.js'
import { openStore, take } from './store-fixture.js'
import type { TemporaryDirectory } from './temporary-directory.js'

/** Unit of a tar archive; a header is one. */
export const blockBytes = 512
const checksumAt = 148
const checksumBytes = 8

/** A file in a tar archive. */
export interface Member {
  readonly header: Parameters<ReturnType<typeof tar.pack>['entry']>[0]
  /** Null for what has no contents. */
  readonly bytes: Uint8Array | null
}

/** Two stores, and a chain of three snapshots in the first. */
export async function twoStores(folder: TemporaryDirectory) {
  const from = openStore(join(folder.path, 'from'))
  const to = openStore(join(folder.path, 'to'))
  const memoryBytes = 4 * 65536
  const first = await take(from, {
    memoryBytes,
    pages: new Map([
      [0, 1],
      [17, 2],
    ]),
  })
  const second = await take(from, { memoryBytes, pages: new Map([[33, 3]]), base: first.id })
  const third = await take(from, {
    memoryBytes,
    pages: new Map([[63, 4]]),
    base: second.id,
    name: 'third',
  })
  return { from, to, third, file: join(folder.path, 'third.wsnap') }
}

/** Unpacks zstd. */
export async function decompress(bytes: Uint8Array): Promise<Buffer> {
  const decompressor = loadNative().createDecompressor(2 ** 30)
  const unpacked = Buffer.concat([await decompressor.write(bytes)])
  while (decompressor.pending()) throw new Error('The archive is larger than thought')
  return unpacked
}

export async function compress(bytes: Uint8Array): Promise<Buffer> {
  const compressor = loadNative().createCompressor(3)
  return Buffer.concat([await compressor.write(bytes), await compressor.finish()])
}

/** The members of a tar archive. */
export async function membersOf(archive: Uint8Array): Promise<readonly Member[]> {
  const members: Member[] = []
  const extract = tar.extract()
  extract.end(archive)
  for await (const entry of extract) {
    const { name, mode, mtime, pax } = entry.header
    const pieces: Uint8Array[] = []
    for await (const piece of entry) pieces.push(piece as Uint8Array)
    const header = { name, mode, mtime, ...(pax ? { pax } : {}) }
    members.push({ header, bytes: Buffer.concat(pieces) })
  }
  return members
}

/** A compressed archive of these members. */
export async function pack(members: readonly Member[]): Promise<Buffer> {
  const packed = tar.pack()
  for (const { header, bytes } of members) {
    const isFile = header.type === undefined || header.type === 'file'
    if (bytes === null && !isFile) packed.entry({ ...header })
    else packed.entry({ ...header, size: bytes?.length ?? 0 }, Buffer.from(bytes ?? []))
  }
  packed.finalize()
  const pieces: Uint8Array[] = []
  for await (const piece of packed) pieces.push(piece as Uint8Array)
  return compress(Buffer.concat(pieces))
}

/** Where the headers of a tar archive stand, in bytes. */
export function headersOf(archive: Buffer): readonly [number, ...number[]] {
  const at: number[] = []
  for (let next = 0; next + blockBytes <= archive.length && archive[next] !== 0; ) {
    at.push(next)
    const size = Number.parseInt(archive.toString('latin1', next + 124, next + 136), 8)
    next += blockBytes + Math.ceil(size / blockBytes) * blockBytes
  }
  const [first, ...rest] = at
  if (first === undefined) throw new Error('The archive has no header')
  return [first, ...rest]
}

/** Writes the checksum of a tar header: the sum of its bytes, blanks in its own place. */
export function sealHeader(header: Buffer): void {
  header.fill(' ', checksumAt, checksumAt + checksumBytes)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, checksumAt, 'latin1')
}
