import { tmpdir } from 'node:os'
import { WasmshError } from '../errors.js'
import type { NativeBinding, NativeOpLog } from '../native.js'
import { type ImportShape, OperationLog } from './operation.js'

const defaultLimitBytes = 256 * 1024 * 1024

/** The log of a guest about to start. */
export interface OpenedLog {
  /** All that is recorded; operations that change identity are taken from it, also when nothing is
   *  kept for people. */
  readonly operations: OperationLog
  /** The same for people; null when nothing is kept. */
  readonly log: OperationLog | null
  /** What native code writes it to. */
  readonly opLog: NativeOpLog
}

interface LogOptions {
  readonly logLimitBytes?: number
  readonly recordData?: boolean
}

/** Makes the log of a guest about to start. Its files, which have no names, are on the disk of the
 *  store where that exists. `imports` are those that plugins provide, in the order of
 *  NativeGuestOptions.imports.
 *  @throws WasmshError ERR_WASMSH_OPTION_INVALID */
export function openLog(
  binding: NativeBinding,
  home: string,
  { logLimitBytes = defaultLimitBytes, recordData = false }: LogOptions,
  imports: readonly ImportShape[],
): OpenedLog {
  if (!Number.isSafeInteger(logLimitBytes) || logLimitBytes < 0) {
    throw new WasmshError(
      'ERR_WASMSH_OPTION_INVALID',
      `A log of ${logLimitBytes} bytes is not possible`,
      { hint: 'Give 0 bytes (no log) or more.' },
    )
  }
  const opLog = binding.createOpLog({
    folders: [home, tmpdir()],
    limitBytes: logLimitBytes,
    keepsData: recordData,
    imports,
  })
  const operations = new OperationLog(binding, opLog, imports)
  return { opLog, operations, log: logLimitBytes === 0 ? null : operations }
}
