import { createHash, randomUUID } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  loadNative,
  type NativeBinding,
  type NativeMemoryIndex,
  type NativeModule,
  type NativeSnapshot,
} from '../../src/core/native.js'
import type {
  SnapshotDraft,
  SnapshotEntry,
  SnapshotFacts,
} from '../../src/core/snapshot/snapshot-entry.js'
import type { PreparedDraft } from '../../src/core/store/publish.js'
import { Store } from '../../src/core/store/store.js'
import type { View } from '../../src/core/wasm-view.js'

const pageBytes = 4096
const blockBytes = 65536

/** A stored guest without a guest: what native code would write, made by hand. */
export interface GuestContents {
  readonly memoryBytes?: number
  /** Pages that are not zero: number of the page, and the byte that fills it. */
  readonly pages?: ReadonlyMap<number, number>
  readonly view?: Partial<View>
}

export interface TakeOptions extends GuestContents {
  readonly name?: string
  readonly force?: boolean
  readonly sync?: boolean
  /** Id of the snapshot before. */
  readonly base?: string
  readonly facts?: Partial<SnapshotFacts>
}

/** A module: bytes that nobody runs. */
export const moduleBytes = Buffer.from('0061736d01000000', 'hex')
export const moduleDigest = createHash('sha256').update(moduleBytes).digest('hex')

/** Opens a store at `home` with the real native code and no engine. */
export function openStore(
  home: string,
  loadModule: (sha256: string, bytes: Uint8Array) => Promise<NativeModule> = noModule,
): Store {
  return new Store({ home, native: loadNative(), loadModule })
}

async function noModule(): Promise<never> {
  throw new Error('This test loads no modules')
}

/** Takes a snapshot of a made-up guest named "calc". */
export async function take(store: Store, options: TakeOptions = {}): Promise<SnapshotEntry> {
  const draft = await begin(store, options)
  try {
    const native = await writeGuest(loadNative(), draft, options)
    return await draft.commit({ ...facts(native), ...options.facts })
  } catch (error) {
    await draft.abort()
    throw error
  }
}

/** Takes snapshots of made-up guests as one group. */
export async function takeGroup(
  store: Store,
  name: string,
  guests: readonly string[],
  { force = false, sync = false } = {},
): Promise<readonly SnapshotEntry[]> {
  const drafts: SnapshotDraft[] = []
  for (const guest of guests) {
    drafts.push(await begin(store, { name: `${name}.${guest}`, force, sync }))
  }
  const group = {
    id: randomUUID(),
    name,
    members: drafts.map(({ id }, at) => ({ snapshot: id, guest: guests[at] ?? '' })),
  }
  const prepared: PreparedDraft[] = []
  for (const draft of drafts) {
    const native = await writeGuest(loadNative(), draft, { pages: new Map([[0, 1]]) })
    prepared.push(await draft.prepare({ ...facts(native), group }))
  }
  return await store.publish(prepared)
}

/** Starts one without writing anything. */
export function begin(store: Store, options: TakeOptions = {}): Promise<SnapshotDraft> {
  const { name, force, sync = false } = options
  return store.begin({
    guest: { name: 'calc', file: '/somewhere/calc.wasm' },
    baseToken: options.base ?? '',
    module: { sha256: moduleDigest, bytes: moduleBytes },
    sync,
    ...(name === undefined ? {} : { name }),
    ...(force === undefined ? {} : { force }),
  })
}

/** What the guest of `writeGuest` is in. */
export function facts(native: NativeSnapshot): SnapshotFacts {
  return {
    engine: 'interp',
    needs: { engine: 'any' },
    status: 'running',
    position: 5n,
    bindings: [{ kind: 'stdin', fd: 0, stream: 'pipe' }],
    hostBindings: [{ kind: 'preopen', fd: 3, guestPath: '/data', hostPath: '/tmp', offset: 7n }],
    edits: [],
    plugins: [],
    native,
  }
}

/** Writes what native code would. */
export async function writeGuest(
  native: NativeBinding,
  { directory, parent }: Pick<SnapshotDraft, 'directory' | 'parent'>,
  contents: GuestContents,
): Promise<NativeSnapshot> {
  const memoryBytes = contents.memoryBytes ?? blockBytes
  const state = native.encodeState(view(memoryBytes, contents.view))
  await writeFile(join(directory, 'state.bin'), state)
  const memories: NativeMemoryIndex[] = []
  const pages = contents.pages ?? new Map()
  const index = buildIndex(native, memoryBytes, pages, parent?.indexes[0] ?? null)
  await writeFile(join(directory, 'memory-0.idx'), index)
  writePages(join(directory, 'memory-0.img'), memoryBytes, pages)
  memories.push(native.describeIndex(index))
  const files = [
    { name: 'state.bin', bytes: state.length },
    { name: 'memory-0.idx', bytes: index.length },
    { name: 'memory-0.img', bytes: memoryBytes },
  ]
  return { files, memories }
}

function view(memoryBytes: number, changes: Partial<View> = {}): View {
  return {
    moduleSha256: moduleDigest,
    memories: [{ pages: memoryBytes / blockBytes }],
    instances: [
      {
        globals: [{ type: 'i32', bits: 41n, available: true }],
        tables: [{ type: 'funcref', elements: [0n, -1n] }],
        droppedData: [],
        droppedElements: [],
      },
    ],
    threads: [
      {
        id: 0,
        instance: 0,
        entry: 'main',
        status: 'running',
        frames: [
          {
            function: 0,
            pc: 0,
            locals: [{ type: 'i64', bits: 7n, available: true }],
            operands: [],
          },
        ],
        call: null,
        wait: null,
        trap: null,
        cpuNs: 11n,
        position: 5n,
      },
    ],
    monotonicNs: 13n,
    environment: {
      arguments: ['calc'],
      environment: [],
      entryExport: '_start',
      entryArguments: [],
      deterministic: false,
      randomState: [0n, 0n, 0n, 0n],
      clockReads: 0n,
      realtimeBaseNs: 0n,
      clockStepNs: 0n,
    },
    descriptors: [],
    ...changes,
  }
}

/**
 * Writes "memory-0.idx" after docs/snapshot-format.md, by other code than native/image: a page that
 * is given is the own image's, all others are the parent's, whose images count one higher.
 */
export function buildIndex(
  native: NativeBinding,
  memoryBytes: number,
  pages: ReadonlyMap<number, number>,
  parent: Uint8Array | null,
): Uint8Array {
  const before = parent === null ? null : readIndex(parent)
  const extents = new Map<number, number>(
    [...(before?.pages ?? [])].map(([page, image]) => [page, image + 1]),
  )
  for (const page of pages.keys()) extents.set(page, 0)
  const sorted = [...extents].sort(([a], [b]) => a - b)
  const blocks = memoryBytes / blockBytes
  const bytes = Buffer.alloc(32 + 12 * sorted.length + 16 * blocks)
  bytes.write('wasmshMI', 0, 'latin1')
  bytes.writeUInt16LE(1, 8)
  bytes.writeBigUInt64LE(BigInt(memoryBytes), 16)
  bytes.writeUInt32LE(sorted.length, 24)
  bytes.writeUInt32LE(blocks, 28)
  for (const [position, [page, image]] of sorted.entries()) {
    bytes.writeUInt32LE(page, 32 + 12 * position)
    bytes.writeUInt32LE(1, 36 + 12 * position)
    bytes.writeUInt32LE(image, 40 + 12 * position)
  }
  for (let block = 0; block < blocks; block++) {
    const hash = hashOf(native, block, pages, before)
    bytes.write(hash, 32 + 12 * sorted.length + 16 * block, 'hex')
  }
  return Buffer.concat([bytes, Buffer.from(native.xxh3(bytes), 'hex')])
}

/** Only blocks of which no page or every page is new can be hashed without the images. */
function hashOf(
  native: NativeBinding,
  block: number,
  pages: ReadonlyMap<number, number>,
  before: ReturnType<typeof readIndex> | null,
): string {
  const first = (block * blockBytes) / pageBytes
  const own = Array.from({ length: 16 }, (_, page) => pages.get(first + page))
  const isOld = own.every((fill) => fill === undefined)
  const inherited = before?.hashes[block]
  if (isOld && inherited !== undefined) return inherited
  const isMixed = own.some((fill, page) => fill === undefined && before?.pages.has(first + page))
  if (isMixed) throw new Error(`Give all pages of block ${block}`)
  return native.xxh3(Buffer.concat(own.map((fill) => Buffer.alloc(pageBytes, fill ?? 0))))
}

function readIndex(index: Uint8Array) {
  const bytes = Buffer.from(index)
  const extents = bytes.readUInt32LE(24)
  const pages = new Map<number, number>()
  for (let at = 32; at < 32 + 12 * extents; at += 12) {
    for (let page = 0; page < bytes.readUInt32LE(at + 4); page++) {
      pages.set(bytes.readUInt32LE(at) + page, bytes.readUInt32LE(at + 8))
    }
  }
  const hashes: string[] = []
  for (let at = 32 + 12 * extents; at < bytes.length - 16; at += 16) {
    hashes.push(bytes.toString('hex', at, at + 16))
  }
  return { pages, hashes }
}

function writePages(path: string, memoryBytes: number, pages: ReadonlyMap<number, number>): void {
  const file = openSync(path, 'wx', 0o400)
  try {
    ftruncateSync(file, memoryBytes)
    for (const [page, fill] of pages) {
      const bytes = Buffer.alloc(pageBytes, fill)
      if (writeSync(file, bytes, 0, pageBytes, page * pageBytes) < pageBytes) throw enospc()
    }
  } finally {
    closeSync(file)
  }
}

function enospc(): Error {
  return Object.assign(new Error('The disk is full'), { code: 'ENOSPC' })
}
