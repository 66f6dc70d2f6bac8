/** What the files plugin is lent, over real directories and without a guest. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HostFolder } from '../../src/core/host-folder.js'
import { loadNative } from '../../src/core/native.js'
import type {
  BlobRef,
  Descriptor,
  Op,
  PluginHost,
  RecoverContext,
  SnapshotContext,
} from '../../src/core/plugin.js'
import { BlobWriter } from '../../src/core/snapshot/blobs.js'
import { nothingOpen } from '../../src/plugins/files/edit-guest.js'
import { temporaryDirectory } from './temporary-directory.js'

export interface FilesHost extends AsyncDisposable {
  readonly host: PluginHost
  /** The host directory of /data. */
  readonly data: string
  readonly folder: string
  /** What the guest is said to have open. */
  descriptors: Descriptor[]
  /** Stores bytes; gives the name that a state has for them. */
  blob(bytes: string): Promise<BlobRef>
  snapshotContext(flags?: SnapshotContext['flags']): SnapshotContext
  recoverContext(flags?: RecoverContext['flags']): RecoverContext
  /** What was given in recoveries. */
  readonly given: Map<number, number>
  readonly adjusted: Map<number, object>
}

export async function filesHost(): Promise<FilesHost> {
  const temporary = await temporaryDirectory()
  const folder = temporary.path
  const data = join(folder, 'data')
  const blobs = join(folder, 'blobs')
  mkdirSync(data)
  mkdirSync(blobs)
  const native = loadNative()
  const writer = new BlobWriter(native, blobs, false)
  const given = new Map<number, number>()
  const adjusted = new Map<number, object>()
  const phase = { signal: new AbortController().signal, progress: () => undefined }
  const bench: FilesHost = {
    folder,
    data,
    descriptors: [],
    given,
    adjusted,
    host: {
      guest: { name: 'guest' },
      directories: [{ guestPath: '/data', hostPath: data }],
      descriptors: () => bench.descriptors,
      copyDescriptor: () => {
        throw new Error('There is no guest')
      },
      sharesOpenFile: () => false,
      putDescriptor: () => undefined,
      closeDescriptor: () => undefined,
      use: () => {
        throw new Error('There is no other plugin')
      },
      provide: () => undefined,
      provided: () => [],
      folder: (path) => new HostFolder(native, path),
      log: () => undefined,
    },
    blob: (bytes) => writer.put(Buffer.from(bytes)),
    snapshotContext: (flags = {}) => ({
      ...phase,
      flags,
      at: 0n,
      group: null,
      putBlob: (source) => writer.put(source),
    }),
    recoverContext: (flags = {}) => ({
      ...phase,
      flags,
      descriptors: bench.descriptors,
      group: null,
      getBlob: (ref) => ({ path: join(blobs, `blob-${ref.slice('sha256:'.length)}`), bytes: 0 }),
      adjust: (fd, change) => adjusted.set(fd, change),
      give: (fd, hostFd) => given.set(fd, hostFd),
      reopen: () => undefined,
      lookup: () => undefined,
    }),
    [Symbol.asyncDispose]: async () => {
      for (const hostFd of new Set(given.values())) native.closeDescriptor(hostFd)
      await temporary[Symbol.asyncDispose]()
    },
  }
  return bench
}

export const preopen: Descriptor = {
  ...nothingOpen,
  fd: 3,
  kind: 'preopen',
  guestPath: '/data',
}

export function fileDescriptor(
  fd: number,
  guestPath: string,
  more: Partial<Descriptor> = {},
): Descriptor {
  return { ...preopen, fd, kind: 'file', guestPath, preopen: 3, rightsBase: 2n, ...more }
}

/** An op of a call that did what it was asked for. */
export function op(
  call: string,
  parameters: Readonly<Record<string, string | number | bigint>>,
  opened?: number,
): Op {
  const entries = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === 'string' ? Buffer.from(value) : BigInt(value),
  ])
  return {
    seq: 1n,
    call,
    thread: 0,
    errno: 'success',
    parameters: Object.fromEntries(entries) as Op['parameters'],
    results: opened === undefined ? {} : { opened_fd: BigInt(opened) },
    writes: [],
    touches: [],
    creates: null,
  }
}

/** Writes files below a directory: names to contents. */
export function plant(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), contents)
  }
}
