import { WasmshError } from '../errors.js'
import type { NativeProvided, NativeRequest } from '../native.js'
import { wasiFlags } from '../oplog/wasi-names.js'
import type {
  FileCall,
  FileProvider,
  ProvidedDescriptor,
  ProvidedFile,
  ResourceId,
} from '../plugin.js'
import type { Descriptor } from '../wasm-view.js'
import { joinGuestPath } from './guest-paths.js'
import type { Job } from './plugin-calls.js'

/** WASI's numbers. */
const filetypes = { character_device: 2, regular_file: 4 } as const
const rights = { read: 2n, write: 64n } as const
const whences = ['set', 'cur', 'end'] as const

/** What native code is told that a file can do. */
const abilities = { read: 1n, write: 2n, seek: 4n } as const

interface ProvidedPath {
  readonly path: string
  readonly plugin: string
  readonly provider: FileProvider
}

interface OpenFile {
  readonly plugin: string
  readonly path: string
  readonly id: ResourceId
  readonly file: ProvidedFile
}

/** Number of a resource among all of its guest. */
function numberOf(id: ResourceId): number {
  return Number(id.slice(id.lastIndexOf('/') + 1))
}

/** The files of one guest that plugins provide. */
export class ProvidedFiles {
  readonly #paths: ProvidedPath[] = []
  /** By number. */
  readonly #open = new Map<number, OpenFile>()
  /** Ids of opens that have succeeded, and whose operation has not been seen, by path. */
  readonly #opened = new Map<string, ResourceId[]>()
  readonly #reserve: (plugin: string) => ResourceId
  #isSettled = false

  /** @param reserve gives the id of the next resource of a class */
  constructor(reserve: (plugin: string) => ResourceId) {
    this.#reserve = reserve
  }

  /** Puts a provider behind a path; new code of the same plugin takes the place of the old.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_INVALID, ERR_WASMSH_PLUGIN_CONFLICT */
  provide(path: string, provider: FileProvider, plugin: string): void {
    if (joinGuestPath(path) !== path || path === '/') {
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_INVALID',
        `Plugin "${plugin}" cannot provide ${JSON.stringify(path)}: it is no absolute path without "." and ".."`,
      )
    }
    const index = this.#paths.findIndex((one) => one.path === path)
    const known = this.#paths[index]
    if (known !== undefined && known.plugin !== plugin) {
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_CONFLICT',
        `Plugin "${plugin}" cannot provide ${path}: it belongs to plugin "${known.plugin}"`,
      )
    }
    if (known !== undefined) this.#paths[index] = { path, plugin, provider }
    else if (!this.#isSettled) this.#paths.push({ path, plugin, provider })
    else {
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_INVALID',
        `Plugin "${plugin}" cannot provide ${path}: the guest has started already`,
      )
    }
  }

  /** What native code is to know; the paths are settled from here on. */
  native(): readonly NativeProvided[] {
    this.#isSettled = true
    return this.#paths.map(({ path, plugin, provider }) => ({
      guestPath: path,
      plugin,
      filetype: filetypes[provider.type ?? 'character_device'],
    }))
  }

  /** The id of the file that an operation has opened at a path; undefined when none is provided
   *  there. */
  takeOpened(path: string): ResourceId | undefined {
    return this.#opened.get(path)?.shift()
  }

  /** Files of a plugin behind descriptors of the guest. */
  of(plugin: string, descriptors: readonly Descriptor[]): readonly ProvidedDescriptor[] {
    return descriptors.flatMap(({ fd, kind, offset }) => {
      const found = kind === 'provided' ? this.#open.get(Number(offset)) : undefined
      if (found?.plugin !== plugin) return []
      return [{ fd, path: found.path, id: found.id, file: found.file }]
    })
  }

  /** A recovery: the plugin has its file back behind a descriptor.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_FAILED for a descriptor that is not the plugin's */
  reopen(plugin: string, stored: Descriptor | undefined, fd: number, file: ProvidedFile): void {
    if (stored?.kind !== 'provided' || stored.stream !== plugin) {
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_FAILED',
        `Plugin "${plugin}" reopens descriptor ${fd}, which no file of its own was behind`,
      )
    }
    const number = Number(stored.offset)
    this.#open.set(number, { plugin, path: stored.guestPath, id: `${plugin}/${number}`, file })
  }

  /** Refuses a recovery that leaves a descriptor without its file.
   *  @throws WasmshError ERR_WASMSH_PLUGIN_FAILED */
  requireReopened(descriptors: readonly Descriptor[]): void {
    for (const { fd, kind, offset, guestPath, stream } of descriptors) {
      if (kind !== 'provided' || this.#open.has(Number(offset))) continue
      throw new WasmshError(
        'ERR_WASMSH_PLUGIN_FAILED',
        `Plugin "${stream}" has not reopened descriptor ${fd} (${guestPath})`,
      )
    }
  }

  /** How a request is carried out; null for one that nobody can. */
  job({ kind, target, numbers, bytes }: NativeRequest): Job | null {
    if (kind === 'open') return this.#openJob(target, numbers)
    const open = this.#open.get(target)
    if (open === undefined) return null
    const { file, plugin, path } = open
    const job = (run: Job['run'], take: Job['take']): Job => ({
      plugin,
      call: `${kind} of ${path}`,
      run,
      take,
    })
    switch (kind) {
      case 'read': {
        const most = Number(numbers[0])
        return job(
          (call) => file.read?.(call, most),
          (value) =>
            value instanceof Uint8Array && value.length <= most
              ? { numbers: [], bytes: value }
              : null,
        )
      }
      case 'write': {
        const given = bytes ?? new Uint8Array(0)
        return job(
          (call) => file.write?.(call, given),
          (value) =>
            Number.isInteger(value) && (value as number) >= 0 && (value as number) <= given.length
              ? { numbers: [BigInt(value as number)], bytes: null }
              : null,
        )
      }
      case 'seek':
        return job(
          (call) =>
            file.seek?.(
              call,
              BigInt.asIntN(64, numbers[0] ?? 0n),
              whences[Number(numbers[1])] ?? 'set',
            ),
          (value) => (isOffset(value) ? { numbers: [value], bytes: null } : null),
        )
      case 'stat':
        return job((call) => file.stat?.(call) ?? {}, takeStatus)
      case 'close':
        return job(
          (call) => file.close?.(call),
          () => {
            this.#open.delete(target)
            return { numbers: [], bytes: null }
          },
        )
      case 'call':
        return null
    }
  }

  #openJob(place: number, numbers: readonly bigint[]): Job | null {
    const provided = this.#paths[place]
    if (provided === undefined) return null
    const { path, plugin, provider } = provided
    const [fdflags = 0n, wanted = 0n] = numbers
    const id = this.#reserve(plugin)
    const request = {
      path,
      id,
      reads: (wanted & rights.read) !== 0n,
      writes: (wanted & rights.write) !== 0n,
      flags: wasiFlags('fdflags', fdflags),
    }
    return {
      plugin,
      call: `open of ${path}`,
      run: (call: FileCall) => provider.open(call, request),
      take: (value) => {
        if (typeof value !== 'object' || value === null) return null
        const file = value as ProvidedFile
        this.#open.set(numberOf(id), { plugin, path, id, file })
        const waiting = this.#opened.get(path) ?? []
        this.#opened.set(path, [...waiting, id])
        return { numbers: [BigInt(numberOf(id)), abilitiesOf(file)], bytes: null }
      },
    }
  }
}

function abilitiesOf(file: ProvidedFile): bigint {
  const names = ['read', 'write', 'seek'] as const
  return names.reduce(
    (all, name) => (typeof file[name] === 'function' ? all | abilities[name] : all),
    0n,
  )
}

function isOffset(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value < 2n ** 63n
}

function takeStatus(value: unknown): { numbers: readonly bigint[]; bytes: null } | null {
  const { size = 0n, modifiedNs = 0n } = (value ?? {}) as Record<string, unknown>
  if (!isOffset(size) || !isOffset(modifiedNs)) return null
  return { numbers: [size, modifiedNs], bytes: null }
}
