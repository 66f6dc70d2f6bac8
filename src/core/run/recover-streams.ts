import { WasmshError } from '../errors.js'
import type { RecoverOptions } from '../guest/run-options.js'
import type { StreamName, StreamPlan } from '../guest/streams.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'

/**
 * Plans the standard streams of a recovered guest: as told, else as they were. Files are continued
 * at the offset that they had. For those that plugins keep there is nothing to open.
 *
 * @throws WasmshError ERR_WASMSH_RECOVER_MAPPING when a file is not known on this host
 */
export function recoverPlans(
  stored: StoredSnapshot,
  options: RecoverOptions,
  kept: ReadonlySet<StreamName>,
): Readonly<Record<StreamName, StreamPlan>> {
  const plan = (name: StreamName): StreamPlan =>
    kept.has(name) ? { option: 'null' } : planOne(stored, name, options)
  return { stdin: plan('stdin'), stdout: plan('stdout'), stderr: plan('stderr') }
}

function planOne(
  { entry, bindings }: StoredSnapshot,
  name: StreamName,
  options: RecoverOptions,
): StreamPlan {
  const told = options[name]
  if (told !== undefined) return { option: told }
  const before = entry.manifest.bindings.find(({ kind }) => kind === name)?.stream ?? 'null'
  if (before !== 'file') return { option: options.plainStreams?.[name] ?? before }
  const host = bindings.find(({ kind }) => kind === name)
  if (host === undefined) {
    throw new WasmshError(
      'ERR_WASMSH_RECOVER_MAPPING',
      `Nothing says which file the guest's ${name} is here`,
      { hint: `Add --${name} FILE.` },
    )
  }
  return { option: { file: host.hostPath }, offset: Number(host.offset ?? 0n) }
}
