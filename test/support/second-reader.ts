/**
 * Reads snapshots by docs/snapshot-format.md alone, with no code of src/ or native/: what it cannot
 * read, the page does not say.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Frame, Value, View } from '../../src/core/wasm-view.js'

export interface ReadManifest {
  readonly id: string
  readonly format: string
  readonly state: string
  readonly memories: readonly {
    readonly bytes: number
    readonly index: string
    readonly images: readonly { readonly snapshot: string; readonly file: string }[]
  }[]
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256?: string }>>
}

/** Section "manifest.json", and the digests of the other files. */
export function readManifest(directory: string): ReadManifest & Record<string, unknown> {
  const text = readFileSync(join(directory, 'manifest.json'), 'utf8')
  const { sha256, ...document } = JSON.parse(text) as { sha256: string } & ReadManifest
  must(hash(canonical(document)) === sha256, 'the digest of the manifest')
  must(canonical({ ...document, sha256 }) === text, 'its form')
  for (const [file, listed] of Object.entries(document.files)) {
    const bytes = readFileSync(join(directory, file))
    must(bytes.length === listed.bytes, `size of ${file}`)
    must(listed.sha256 === undefined || hash(bytes) === listed.sha256, `digest of ${file}`)
  }
  return { ...document }
}

function canonical(value: unknown): string {
  const inOrder = (_: string, member: unknown): unknown =>
    member === null || typeof member !== 'object' || Array.isArray(member)
      ? member
      : Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify(value, inOrder, 2)}\n`
}

function hash(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Sections "memory-N.idx" and "memory-N.img". */
export function readMemory(
  index: Buffer,
  images: readonly Buffer[],
  xxh3: (bytes: Uint8Array) => string,
): Buffer {
  must(
    index.toString('hex', 0, 12) === `${Buffer.from('wasmshMI').toString('hex')}01000000`,
    'magic',
  )
  const size = Number(index.readBigUInt64LE(16))
  const extents = index.readUInt32LE(24)
  const blocks = index.readUInt32LE(28)
  must(size === blocks * 65536 && index.length === 48 + 12 * extents + 16 * blocks, 'length')
  must(xxh3(index.subarray(0, -16)) === index.toString('hex', index.length - 16), 'checksum')
  const memory = Buffer.alloc(size)
  for (let at = 32; at < 32 + 12 * extents; at += 12) {
    const start = index.readUInt32LE(at) * 4096
    const end = start + index.readUInt32LE(at + 4) * 4096
    const image = images[index.readUInt32LE(at + 8)]
    must(image !== undefined && image.length >= end && end <= size, 'an extent')
    image?.copy(memory, start, start, end)
  }
  for (let block = 0; block < blocks; block++) {
    const at = 32 + 12 * extents + 16 * block
    const expected = index.toString('hex', at, at + 16)
    must(xxh3(memory.subarray(block * 65536, (block + 1) * 65536)) === expected, `block ${block}`)
  }
  return memory
}

/** Section "state.bin". */
export function readState(bytes: Buffer): View {
  must(bytes.toString('latin1', 0, 8) === 'wasmshWV', 'magic')
  must(bytes.readUInt16LE(8) === 1 && bytes.readUInt16LE(10) === 0, 'version')
  must(bytes.readUInt32LE(12) === 7, 'number of sections')
  must(crc32c(bytes.subarray(0, -4)) === bytes.readUInt32LE(bytes.length - 4), 'checksum')
  const section = (id: number): Cursor => {
    const at = 16 + 24 * (id - 1)
    must(bytes.readUInt32LE(at) === id, `section ${id}`)
    const offset = Number(bytes.readBigUInt64LE(at + 8))
    const length = Number(bytes.readBigUInt64LE(at + 16))
    return new Cursor(bytes.subarray(offset, offset + length))
  }
  return {
    moduleSha256: section(1).bytes(32).toString('hex'),
    monotonicNs: section(2).u64(),
    environment: environment(section(3)),
    memories: section(4).list((from) => ({ pages: Number(from.u64()) })),
    instances: section(5).list((from) => ({
      globals: from.list(value),
      tables: from.list((table) => ({
        type: typeName(table.u8()),
        elements: table.list((element) => reference(element.u64())),
      })),
      droppedData: from.bits(),
      droppedElements: from.bits(),
    })),
    threads: section(6).list(thread),
    descriptors: section(7).list((from) => ({
      fd: from.u32(),
      kind: from.string() as View['descriptors'][number]['kind'],
      guestPath: from.string(),
      preopen: from.u32(),
      fdflags: from.u16(),
      rightsBase: from.u64(),
      rightsInheriting: from.u64(),
      offset: from.u64(),
      size: from.u64(),
      modifiedNs: from.u64(),
      unread: Uint8Array.from(from.bytes(from.u32())),
      stream: from.string(),
    })),
  }
}

function environment(from: Cursor): View['environment'] {
  return {
    arguments: from.list((each) => each.string()),
    environment: from.list((each) => each.string()),
    entryExport: from.string(),
    entryArguments: from.list(value),
    deterministic: from.u8() === 1,
    randomState: [from.u64(), from.u64(), from.u64(), from.u64()],
    clockReads: from.u64(),
    realtimeBaseNs: from.u64(),
    clockStepNs: from.u64(),
  }
}

function thread(from: Cursor): View['threads'][number] {
  return {
    id: from.u32(),
    instance: from.u32(),
    entry: must((['start', 'initialize', 'main'] as const)[from.u8()], 'entry'),
    status: must(
      (['running', 'host-call', 'atomic-wait', 'trapped'] as const)[from.u8()],
      'status',
    ),
    cpuNs: from.u64(),
    position: from.optional((each) => each.u64()),
    call: from.optional((each) => ({
      import: each.u32(),
      arguments: each.list(value),
      transferred: each.u64(),
      deadlineNs: each.optional((deadline) => deadline.u64()),
      phase: each.u32(),
    })),
    wait: from.optional((each) => ({
      address: each.u64(),
      width: each.u32() === 64 ? (64 as const) : (32 as const),
      deadlineNs: each.optional((deadline) => deadline.u64()),
      queuePosition: each.u32(),
    })),
    trap: from.optional((each) => ({ reason: each.string() })),
    frames: from.list(
      (each): Frame => ({
        function: each.u32(),
        pc: each.u32(),
        locals: each.list(value),
        operands: each.list(value),
      }),
    ),
  }
}

function value(from: Cursor): Value {
  const type = typeName(from.u8())
  const available = from.u8() === 1
  if (type === 'i32' || type === 'f32') return { type, available, bits: BigInt(from.u32()) }
  if (type === 'i64' || type === 'f64') return { type, available, bits: from.u64() }
  if (type === 'v128') {
    const low = from.u64()
    return { type, available, bits: low | (from.u64() << 64n) }
  }
  return { type, available, bits: reference(from.u64()) }
}

function reference(bits: bigint): bigint {
  return bits === 2n ** 64n - 1n ? -1n : bits
}

function typeName(byte: number): Value['type'] {
  const names: Readonly<Record<number, Value['type']>> = {
    127: 'i32',
    126: 'i64',
    125: 'f32',
    124: 'f64',
    123: 'v128',
    112: 'funcref',
    111: 'externref',
  }
  return must(names[byte], 'a type')
}

/** CRC-32C, bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

class Cursor {
  #at = 0

  constructor(private readonly from: Buffer) {}

  bytes(count: number): Buffer {
    must(this.#at + count <= this.from.length, 'the length of a section')
    this.#at += count
    return this.from.subarray(this.#at - count, this.#at)
  }

  u8(): number {
    return this.bytes(1).readUInt8()
  }

  u16(): number {
    return this.bytes(2).readUInt16LE()
  }

  u32(): number {
    return this.bytes(4).readUInt32LE()
  }

  u64(): bigint {
    return this.bytes(8).readBigUInt64LE()
  }

  string(): string {
    return this.bytes(this.u32()).toString('utf8')
  }

  list<Item>(read: (from: Cursor) => Item): Item[] {
    return Array.from({ length: this.u32() }, () => read(this))
  }

  optional<Item>(read: (from: Cursor) => Item): Item | null {
    return this.u8() === 1 ? read(this) : null
  }

  bits(): boolean[] {
    const count = this.u32()
    const bytes = this.bytes(Math.ceil(count / 8))
    return Array.from(
      { length: count },
      (_, bit) => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1,
    )
  }
}

function must<Item>(found: Item | undefined | false, what: string): Item {
  if (found !== undefined && found !== false) return found
  throw new Error(`Not as docs/snapshot-format.md says: ${what}`)
}
