import { nativeCall } from '../errors.js'
import type { NativeBinding, NativeOp, NativeOpLog, NativeOpShape } from '../native.js'
import { type OperationBytes, splitBytes } from './operation-bytes.js'
import { errnoName } from './wasi-names.js'

/** One field of an operation: a parameter of the call, or a result. */
export interface OperationField {
  /** As WASI preview 1 names it: "oflags". */
  readonly name: string
  /** As WASI preview 1 names it: "fd", "filesize", "rights", "path", ...; "buffer" and "iovec_array"
   *  stand for the length of such a list, in bytes and in buffers. */
  readonly type: string
  /** A path's bytes, else a number. */
  readonly value: bigint | Uint8Array
}

/** What a guest asked of its host, in terms of WASI preview 1, or of a plugin. */
export interface Operation {
  /** Position among the guest's operations; the first is 1n. */
  readonly seq: bigint
  /** "path_open"; an import of a plugin as "env.sensor_read". */
  readonly call: string
  readonly thread: number
  /** Instructions that the thread had executed, the call's own included; null when not counted. */
  readonly position: bigint | null
  /** "success", "noent", ... */
  readonly errno: string
  readonly parameters: readonly OperationField[]
  /** None when the call failed. */
  readonly results: readonly OperationField[]
  /** Where the bytes are that the call moved, for OperationLog.readBytes; null where they were not
   *  kept. */
  readonly data: OperationData | null
  /** Function index and pc (behind the call) of the frames that led there, innermost first; empty
   *  where they were not kept: for calls that change no resource and no name. */
  readonly frames: readonly { readonly function: number; readonly pc: number }[]
  /** What an import of a plugin wrote into the guest's memory; of bytes only the first are kept. */
  readonly writes: readonly {
    readonly address: number
    readonly length: number
    readonly bytes: Uint8Array
  }[]
}

/** Where the bytes of an operation are kept. */
export interface OperationData {
  readonly offset: bigint
  readonly length: bigint
}

/** What is known of a log without reading it. */
export interface OperationLogInfo {
  /** Oldest operation kept, and the next one to come. */
  readonly first: bigint
  readonly next: bigint
  /** Bytes kept, those of data left out. */
  readonly bytes: bigint
  /** Bytes kept of data. */
  readonly dataBytes: bigint
  /** Operations by call, the most frequent first; those no longer kept included. */
  readonly counts: readonly { readonly call: string; readonly count: bigint }[]
  /** Why operations could not be kept; null when they were. */
  readonly failure: string | null
}

/** What the operations of an import look like that a plugin provides. */
export interface ImportShape extends NativeOpShape {
  readonly plugin: string
}

/** The operations of one guest; it can be read after the guest has ended, for as long as the shell
 *  lists it and a little longer. */
export class OperationLog {
  readonly #native: NativeOpLog
  readonly #shapes: readonly NativeOpShape[]
  readonly #providers: ReadonlyMap<string, string>

  constructor(binding: NativeBinding, native: NativeOpLog, imports: readonly ImportShape[] = []) {
    this.#providers = new Map(imports.map(({ name, plugin }) => [name, plugin]))
    this.#native = native
    this.#shapes = [...binding.opShapes(), ...imports]
  }

  /** Up to `most` operations from `from` on, or from the oldest one kept.
   *  @throws WasmshError ERR_WASMSH_OPLOG_READ */
  read(from: bigint, most: number): readonly Operation[] {
    return nativeCall(() => this.#native.read(from, most)).map((op) => this.#operation(op))
  }

  /** What an operation moved between the guest's memory and its host; null when that is not, or no
   *  longer, kept (recordData).
   *  @throws WasmshError ERR_WASMSH_OPLOG_READ */
  readBytes(operation: Pick<Operation, 'call' | 'parameters' | 'data'>): OperationBytes | null {
    const { data } = operation
    if (data === null) return null
    const bytes = nativeCall(() => this.#native.readData(data.offset, data.length))
    return bytes === null ? null : splitBytes(operation, bytes)
  }

  /** The oldest operations that change identity and were not taken yet; none when all were. For
   *  whoever folds them into state: each is given once.
   *  @throws WasmshError ERR_WASMSH_OPLOG_READ, ERR_WASMSH_OPLOG_WRITE when some were lost */
  takeChanges(): readonly Operation[] {
    return nativeCall(() => this.#native.takeChanges()).map((op) => this.#operation(op))
  }

  info(): OperationLogInfo {
    const { first, next, bytes, dataBytes, counts, failure } = nativeCall(() =>
      this.#native.stats(),
    )
    return {
      first,
      next,
      bytes,
      dataBytes,
      counts: counts
        .map((count, shape) => ({ call: this.#shapes[shape]?.name ?? '', count }))
        .filter(({ count }) => count > 0n)
        .sort((a, b) => Number(b.count - a.count)),
      failure: failure === '' ? null : failure,
    }
  }

  /** Drops every operation and lets go of the file; by Guest only. */
  discard(): void {
    this.#native.discard()
  }

  /** Names of the calls that are recorded. */
  calls(): readonly string[] {
    return this.#shapes.map(({ name }) => name)
  }

  /** The plugin that provides a call to the guest; undefined for calls of WASI. */
  providerOf(call: string): string | undefined {
    return this.#providers.get(call)
  }

  /** Plugins that provide a call. */
  providers(): readonly string[] {
    return [...new Set(this.#providers.values())]
  }

  #operation(op: NativeOp): Operation {
    const { seq, shape, thread, position, error, values, data, frames, writes } = op
    const { name = '', fields = [] } = this.#shapes[shape] ?? {}
    const filled = fields.flatMap(({ name, type, isResult }, index) => {
      const value = values[index]
      return value === undefined ? [] : [{ isResult, field: { name, type, value } }]
    })
    return {
      seq,
      call: name,
      thread,
      position,
      errno: errnoName(error),
      parameters: filled.filter(({ isResult }) => !isResult).map(({ field }) => field),
      results: filled.filter(({ isResult }) => isResult).map(({ field }) => field),
      data,
      frames,
      writes,
    }
  }
}
