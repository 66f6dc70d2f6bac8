import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Edit } from '../edit/edit.js'
import { fromSystem, nativeCall, WasmshError } from '../errors.js'
import type { GuestInput } from '../guest/guest-input.js'
import { defaultGuestName, requireGuestName } from '../guest/guest-name.js'
import type { DirectoryMapping, RecoverOptions } from '../guest/run-options.js'
import { type GuestStreams, openStreams } from '../guest/streams.js'
import type { Module } from '../module.js'
import type { NativeBinding } from '../native.js'
import { openLog } from '../oplog/open-log.js'
import type { GroupContext } from '../plugin.js'
import { GuestPlugins } from '../plugin-host/guest-plugins.js'
import { importName, type PluginImport, shapeOf } from '../plugin-host/import-type.js'
import { requirePlugins, undoPlugins } from '../plugin-host/recover-plugins.js'
import type { StoredSnapshot } from '../snapshot/snapshot-entry.js'
import type { Descriptor, View } from '../wasm-view.js'
import { codeFor } from './code-for.js'
import { engineOf } from './engine-choice.js'
import { closeGiven, type Given } from './given.js'
import { type Placed, placeResources } from './place-resources.js'
import { recoverPlans } from './recover-streams.js'
import { repoint } from './repoint.js'
import type { Prepared, StartContext } from './run.js'
import {
  keptLimits,
  limits,
  nativeImports,
  resolveDirectories,
  resolveImports,
} from './start-options.js'

/**
 * Checks a stored snapshot in full and opens what it needs on this host, streams last. Nothing of
 * the guest exists before all of it is known to be good.
 */
export async function prepareRecovery(
  context: StartContext,
  snapshot: string,
  options: RecoverOptions,
  group: GroupContext | null = null,
): Promise<Prepared> {
  const { binding, engine } = context
  const stored = await context.store.read(snapshot)
  const module = await findModule(context, stored, options.module)
  nativeCall(() => binding.validateState(module.native, stored.state))
  const unsaid = engineOf(stored.entry.manifest)
  const code = await codeFor(context, module, options, { unsaid, isRecovery: true })
  const view = nativeCall(() => binding.decodeOutside(stored.state))
  const preopens = await findDirectories(stored, view, options.mapDirs ?? [])
  const { guest, edits } = stored.entry.manifest
  const name = nameOf(guest.name, options.name)
  const kept = limits(options, stored.entry.manifest.limits)
  requirePlugins(context.plugins, stored.entry.manifest, options.without ?? [])
  const imports = resolveImports(module, context.plugins.imports(), true)
  requirePending(module, view, imports, stored)
  const shapes = imports.map(shapeOf)
  const { log, opLog, operations } = openLog(binding, context.store.home, options, shapes)
  const plugins = new GuestPlugins({
    binding,
    guest: name,
    plugins: context.plugins.all(),
    directories: preopens,
    operations,
    stored: view.descriptors,
    imports,
    limits: context.limits,
    shared: (plugin) => context.shared.of(plugin),
  })
  const { streams, placed } = await openOutside(context, plugins, stored, view, options, group)
  const { degradations, descriptors, given } = placed
  const settings = {
    ...code.settings,
    opLog,
    imports: nativeImports(imports, binding.opShapes().length),
    ...kept,
    state: binding.withDescriptors(stored.state, descriptors),
    memories: stored.memories,
    preopens,
    given,
    verify: options.verify ?? true,
    token: stored.entry.id,
  }
  return {
    name,
    module,
    streams,
    preopens,
    edits: edits as readonly Edit[],
    limits: keptLimits(settings),
    log,
    plugins,
    degradations,
    code: code.guestCode,
    profile: null,
    given,
    start: () =>
      nativeCall(() =>
        engine.recover(module.native, {
          ...settings,
          ...streams.native,
          provided: plugins.files.native(),
        }),
      ),
  }
}

function nameOf(before: string, told: string | undefined): string {
  return told === undefined ? defaultGuestName(before) : requireGuestName(told)
}

/** Opens the streams; when that fails, what plugins have put in place is taken back. */
async function openStreamsOrUndo(
  binding: NativeBinding,
  plans: ReturnType<typeof recoverPlans>,
  plugins: GuestPlugins,
  given: readonly Given[],
): Promise<GuestStreams> {
  try {
    return openStreams(binding, plans)
  } catch (error) {
    closeGiven(given)
    await undoPlugins(plugins)
    throw error
  }
}

/** A guest that waits in a call goes on only where somebody answers it.
 *  @throws WasmshError ERR_WASMSH_IMPORT_UNKNOWN */
function requirePending(
  module: Module,
  view: View,
  imports: readonly PluginImport[],
  { entry }: StoredSnapshot,
): void {
  const functions = module.description.imports.filter(({ kind }) => kind === 'function')
  for (const { call } of view.threads) {
    const pending = call === null ? undefined : functions[call.import]
    if (pending === undefined || pending.provided) continue
    const name = importName(pending)
    if (imports.some((one) => importName(one) === name)) continue
    throw new WasmshError(
      'ERR_WASMSH_IMPORT_UNKNOWN',
      `The guest of snapshot "${entry.name}" waits in ${name}, which no plugin provides here`,
      { hint: 'Load the plugin that provides it.' },
    )
  }
}

/** Has plugins put resources in place and opens streams, those last; on failure nothing stays open. */
async function openOutside(
  context: StartContext,
  plugins: GuestPlugins,
  stored: StoredSnapshot,
  view: View,
  options: RecoverOptions,
  group: GroupContext | null,
): Promise<{ readonly streams: GuestStreams; readonly placed: Placed }> {
  const { binding } = context
  const repointed = repoint(view.descriptors, options)
  const plans = recoverPlans(stored, options, repointed.keptStreams)
  const placed = await placeResources(context, plugins, stored, repointed, {
    flags: options.flags ?? {},
    without: options.without ?? [],
    group,
  })
  const streams = await openStreamsOrUndo(binding, plans, plugins, placed.given)
  putUnreadBack(streams.stdin, repointed.descriptors, stored)
  return { streams, placed }
}

/** Gives the guest the input again that it had not read; when that had been closed, the end too. */
function putUnreadBack(
  input: GuestInput | null,
  descriptors: readonly Descriptor[],
  { entry }: StoredSnapshot,
): void {
  const stdin = descriptors.find(({ kind }) => kind === 'stdin')
  if (input === null || stdin === undefined) return
  const { bindings } = entry.manifest
  const wasEnded = bindings.some(({ kind, ended }) => kind === 'stdin' && ended === true)
  input.preload(stdin.unread, wasEnded)
}

async function findModule(
  { modules, store }: StartContext,
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
