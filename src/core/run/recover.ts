import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Edit } from '../edit/edit.js'
import { fromSystem, nativeCall, WasmshError } from '../errors.js'
import { defaultGuestName, requireGuestName } from '../guest/guest-name.js'
import type { DirectoryMapping, RecoverOptions } from '../guest/run-options.js'
import { openStreams } from '../guest/streams.js'
import type { Module } from '../module.js'
import type { ModuleLoader } from '../module-loader.js'
import type { NativeBinding, NativeEngine } from '../native.js'
import { openLog } from '../oplog/open-log.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import type { Store } from '../store/store.js'
import type { View } from '../wasm-view.js'
import { recoverPlans } from './recover-streams.js'
import type { Prepared } from './run.js'
import { keptLimits, limits, resolveDirectories } from './start-options.js'

export interface RecoverContext {
  readonly binding: NativeBinding
  readonly engine: NativeEngine
  readonly modules: ModuleLoader
  readonly store: Store
}

/**
 * Checks a stored snapshot in full and opens what it needs on this host, streams last. Nothing of
 * the guest exists before all of it is known to be good.
 */
export async function prepareRecovery(
  context: RecoverContext,
  name: string,
  options: RecoverOptions,
): Promise<Prepared> {
  const { binding, engine } = context
  const stored = await context.store.read(name)
  const module = await findModule(context, stored, options.module)
  nativeCall(() => binding.validateState(module.native, stored.state))
  const view = nativeCall(() => binding.decodeState(stored.state))
  const preopens = await findDirectories(stored, view, options.mapDirs ?? [])
  const { log, opLog } = openLog(binding, context.store.home, options)
  const settings = {
    opLog,
    ...limits(options, stored.entry.manifest.limits),
    state: stored.state,
    memories: stored.memories,
    preopens,
    verify: options.verify ?? true,
    token: stored.entry.id,
  }
  const streams = openStreams(binding, recoverPlans(stored, options))
  const stdin = view.descriptors.find(({ kind }) => kind === 'stdin')
  if (streams.stdin !== null && stdin !== undefined) {
    streams.stdin.preload(stdin.unread, wasEnded(stored))
  }
  const { guest, edits } = stored.entry.manifest
  return {
    name:
      options.name === undefined ? defaultGuestName(guest.name) : requireGuestName(options.name),
    module,
    streams,
    preopens,
    edits: edits as readonly Edit[],
    limits: keptLimits(settings),
    log,
    start: () =>
      nativeCall(() => engine.recover(module.native, { ...settings, ...streams.native })),
  }
}

/** Whether the guest's input had been closed: it then still reads end-of-file. */
function wasEnded({ entry }: StoredSnapshot): boolean {
  return entry.manifest.bindings.some(({ kind, ended }) => kind === 'stdin' && ended === true)
}

async function findModule(
  { modules, store }: RecoverContext,
  { entry }: StoredSnapshot,
  file: string | undefined,
): Promise<Module> {
  const { sha256 } = entry.manifest.module
  if (file === undefined) {
    const bytes = await store.readModule(sha256)
    return await modules.fromBytes(bytes, entry.manifest.guest.file, sha256)
  }
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw fromSystem('ERR_WASMSH_MODULE_FILE', `${file} cannot be read`, error, { resource: file })
  }
  const given = createHash('sha256').update(bytes).digest('hex')
  if (given === sha256) return await modules.fromBytes(bytes, file, sha256)
  throw new WasmshError(
    'ERR_WASMSH_SNAPSHOT_MODULE',
    `${file} is another module than the one of snapshot "${entry.name}" (SHA-256 ${given.slice(0, 12)}... instead of ${sha256.slice(0, 12)}...)`,
    { resource: file },
  )
}

/** Host directories for the guest's preopens, in the order of their descriptors. */
async function findDirectories(
  { entry, bindings }: StoredSnapshot,
  view: View,
  mapped: readonly DirectoryMapping[],
): Promise<{ guestPath: string; hostPath: string }[]> {
  const wanted = view.descriptors
    .filter(({ kind }) => kind === 'preopen')
    .sort((a, b) => a.fd - b.fd)
    .map(({ guestPath }) => guestPath)
  const stray = mapped.find(({ guest }) => !wanted.includes(guest))
  if (stray !== undefined) {
    const list = wanted.map((path) => `"${path}"`).join(', ')
    throw new WasmshError(
      'ERR_WASMSH_OPTION_INVALID',
      `The guest of snapshot "${entry.name}" has no directory "${stray.guest}"`,
      { hint: wanted.length === 0 ? 'It has none at all.' : `It has ${list}.` },
    )
  }
  const found = wanted.map((guest) => {
    const host =
      mapped.find((one) => one.guest === guest)?.host ??
      bindings.find((one) => one.kind === 'preopen' && one.guestPath === guest)?.hostPath
    return { guest, host }
  })
  const lost = found.filter(({ host }) => host === undefined).map(({ guest }) => guest)
  if (lost.length > 0) {
    const what = lost.map((guest) => `"${guest}"`).join(', ')
    const hint = `Add ${lost.map((guest) => `--map-dir ${guest}=HOST`).join(' ')}.`
    throw new WasmshError(
      'ERR_WASMSH_RECOVER_MAPPING',
      `Nothing says which host directories the guest's ${what} are here`,
      { hint },
    )
  }
  return await resolveDirectories(found.map(({ guest, host }) => ({ guest, host: host ?? '' })))
}
