import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WasmshError } from '../errors.js'
import type { NativeBinding } from '../native.js'
import type { BlobFile, BlobRef, PhaseContext } from '../plugin.js'
import { writing } from '../store/durable-file.js'
import type { Manifest } from './manifest.js'

const filePattern = /^blob-[0-9a-f]{64}$/
const refPattern = /^sha256:[0-9a-f]{64}$/

/** Whether a file of a snapshot is a blob: bytes that states of plugins refer to. */
export function isBlobFile(file: string): boolean {
  return filePattern.test(file)
}

/** SHA-256 of a blob, hex, by its file's name. */
export function digestOfBlob(file: string): string {
  return file.slice('blob-'.length)
}

/** Finds a blob of a stored snapshot.
 *  @throws WasmshError PLUGIN_STATE for one that it does not have */
export function findBlob(directory: string, manifest: Manifest, ref: BlobRef): BlobFile {
  const file = `blob-${ref.slice('sha256:'.length)}`
  const listed = refPattern.test(ref) ? manifest.files[file] : undefined
  if (listed !== undefined) return { path: join(directory, file), bytes: listed.bytes }
  throw new WasmshError('ERR_WASMSH_PLUGIN_STATE', `The snapshot holds no blob ${ref}`)
}

/** Reads every blob and compares it with its digest.
 *  @throws WasmshError SNAPSHOT_INCOMPLETE, SNAPSHOT_CORRUPT */
export async function verifyBlobs(directory: string, manifest: Manifest): Promise<void> {
  for (const [file, { bytes }] of Object.entries(manifest.files)) {
    if (!isBlobFile(file)) continue
    const path = join(directory, file)
    const found = await stat(path).catch(() => null)
    if (found === null)
      throw new WasmshError('ERR_WASMSH_SNAPSHOT_INCOMPLETE', `${path} is missing`)
    if (found.size === bytes && (await digestOfFile(path)) === digestOfBlob(file)) continue
    throw new WasmshError('ERR_WASMSH_SNAPSHOT_CORRUPT', `${path} does not match its digest`)
  }
}

/** Gives another snapshot the blobs of this one, and the states of its plugins but for one. */
export async function inheritPlugins(
  directory: string,
  manifest: Manifest,
  target: string,
  except?: string,
): Promise<void> {
  const states = manifest.plugins.map(({ file }) => file).filter((file) => file !== except)
  for (const file of [...states, ...Object.keys(manifest.files).filter(isBlobFile)]) {
    // They never change, so one copy on the disk is enough.
    await link(join(directory, file), join(target, file)).catch(() =>
      copyFile(join(directory, file), join(target, file)),
    )
  }
}

/** SHA-256 of a file's contents, hex; `tell` is called as it goes on. */
export async function digestOfFile(path: string, tell?: () => void): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Uint8Array)
    tell?.()
  }
  return hash.digest('hex')
}

const tellMs = 1000

/** Writes blobs into the directory of a snapshot that is being taken. */
export class BlobWriter {
  readonly #native: NativeBinding
  readonly #directory: string
  readonly #sync: boolean
  #count = 0

  constructor(native: NativeBinding, directory: string, sync: boolean) {
    this.#native = native
    this.#directory = directory
    this.#sync = sync
  }

  /** Stores bytes, or all of what an open host file holds; the same bytes once. `progress` is
   *  called as long as it goes on.
   *  @throws WasmshError STORE_FULL, STORE_WRITE */
  put(
    source: Uint8Array | { readonly hostFd: number },
    progress: PhaseContext['progress'] = () => undefined,
  ): Promise<BlobRef> {
    const tell = () => progress({ unit: 'bytes', done: 0, total: 0 })
    const temporary = join(this.#directory, `blob.${this.#count++}`)
    return writing(temporary, () => this.#put(source, temporary, tell))
  }

  async #put(
    source: Uint8Array | { readonly hostFd: number },
    temporary: string,
    tell: () => void,
  ): Promise<BlobRef> {
    try {
      const file = await open(temporary, 'wx', 0o400)
      try {
        if (source instanceof Uint8Array) await file.writeFile(source)
        else await this.#copy(source.hostFd, file.fd, tell)
        if (this.#sync) await file.sync()
      } finally {
        await file.close()
      }
      // Of what was stored: the source may have changed meanwhile.
      const digest = await digestOfFile(temporary, tell)
      await rename(temporary, join(this.#directory, `blob-${digest}`))
      return `sha256:${digest}`
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** Through a descriptor of its own: the guest's may not be readable. */
  async #copy(from: number, to: number, tell: () => void): Promise<void> {
    const source = await open(`/proc/self/fd/${from}`, 'r')
    // The kernel copies, and does not say how far it is.
    const timer = setInterval(tell, tellMs)
    try {
      await this.#native.copyContents(source.fd, to)
    } finally {
      clearInterval(timer)
      await source.close()
    }
  }
}
