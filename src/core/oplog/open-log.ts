import { tmpdir } from 'node:os'
import { WasmshError } from '../errors.js'
import type { NativeBinding, NativeOpLog } from '../native.js'
import { OperationLog } from './operation.js'

const defaultLimitBytes = 256 * 1024 * 1024

/** A guest's log, and what native code writes it to. */
export interface OpenedLog {
  readonly log: OperationLog | null
  readonly opLog: NativeOpLog | null
}

/** Makes the log of a guest about to start. Its file, which has no name, is on the disk of the store
 *  where that exists.
 *  @throws WasmshError ERR_WASMSH_OPTION_INVALID */
export function openLog(
  binding: NativeBinding,
  home: string,
  { logLimitBytes = defaultLimitBytes }: { readonly logLimitBytes?: number },
): OpenedLog {
  if (!Number.isSafeInteger(logLimitBytes) || logLimitBytes < 0) {
    throw new WasmshError(
      'ERR_WASMSH_OPTION_INVALID',
      `A log of ${logLimitBytes} bytes is not possible`,
      { hint: 'Give 0 bytes (no log) or more.' },
    )
  }
  if (logLimitBytes === 0) return { log: null, opLog: null }
  const opLog = binding.createOpLog({ folders: [home, tmpdir()], limitBytes: logLimitBytes })
  return { opLog, log: new OperationLog(binding, opLog) }
}
