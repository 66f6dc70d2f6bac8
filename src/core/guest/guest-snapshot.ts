import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Edit } from '../edit/edit.js'
import { nativePromise, WasmshError } from '../errors.js'
import type { NativeBinding, NativeSnapshot } from '../native.js'
import type { GroupContext, PluginFlags } from '../plugin.js'
import type { GuestPlugins } from '../plugin-host/guest-plugins.js'
import type {
  EngineName,
  ManifestBinding,
  ManifestGroup,
  ManifestLimits,
} from '../snapshot/manifest.js'
import { neededEngine } from '../snapshot/needed-engine.js'
import type {
  HostBinding,
  SnapshotDraft,
  SnapshotEntry,
  SnapshotFacts,
} from '../snapshot/snapshot-entry.js'
import { writing } from '../store/durable-file.js'
import type { PreparedDraft } from '../store/publish.js'
import type { Store } from '../store/store.js'
import type { Descriptor } from '../wasm-view.js'
import { ask, type GuestHandle, mainThread } from './guest-inspect.js'
import type { Remark, SnapshotPlan } from './inspect.js'
import type { GuestStreams } from './streams.js'

export interface SnapshotOptions {
  /** Wait until the bytes are on the disk; true by default. */
  readonly sync?: boolean
  /** Replace a snapshot of that name. */
  readonly force?: boolean
  /** "auto" (default) stores only what changed since the last snapshot, "none" everything. */
  readonly parent?: 'auto' | 'none'
  /** Flags of plugins, by name: { contents: 'all' }. */
  readonly flags?: PluginFlags
}

/** What a snapshot is taken of. */
export interface SnapshotSubject {
  readonly guest: GuestHandle
  readonly engine: EngineName
  readonly binding: NativeBinding
  readonly store: Store
  readonly streams: GuestStreams
  readonly preopens: readonly { readonly guestPath: string; readonly hostPath: string }[]
  readonly edits: readonly Edit[]
  readonly limits: ManifestLimits
  readonly plugins: GuestPlugins
}

/** Says what a snapshot taken now would hold. */
export function planSnapshot(subject: SnapshotSubject, flags: PluginFlags = {}): SnapshotPlan {
  const { guest, edits } = subject
  const { memoryBytes } = ask(guest, (id) => guest.engine.info(id))
  const parent = ask(guest, (id) => guest.engine.baseToken(id))
  const { sha256, bytes } = guest.module
  return {
    guest: guest.name,
    ...planResources(subject, flags),
    remarks: remarksOf(guest),
    memoryBytes,
    parent: parent === '' ? null : parent,
    module: { sha256, bytes: bytes.length },
    edits: edits.length,
  }
}

function remarksOf(guest: SnapshotSubject['guest']): readonly Remark[] {
  const found = ask(guest, (id) => guest.engine.disagreements(id))
  return found.map(({ resource, reason }) => ({ resource, reason }))
}

/** What plugins say about the guest's resources, and what the core finds about all others. */
function planResources(
  { guest, plugins }: SnapshotSubject,
  flags: PluginFlags,
): Pick<SnapshotPlan, 'resources' | 'blockers'> {
  const planned = plugins.plan(flags)
  const covered = new Set(planned.map(({ descriptor }) => descriptor))
  const found = ask(guest, (id) => guest.engine.blockers(id)).filter(
    ({ fd, canTravel }) => !(canTravel && covered.has(fd)),
  )
  const lost = new Set<number | null>(found.map(({ fd }) => fd))
  const resources = planned.filter(({ descriptor }) => !lost.has(descriptor))
  const blocked = resources.filter(({ status }) => status === 'blocked')
  return {
    resources,
    blockers: [...found, ...blocked].map(({ resource, reason, hint }) => ({
      resource,
      reason,
      hint,
    })),
  }
}

/** A snapshot that is written and not yet visible. Exactly one of commit, prepare and abort ends it. */
export interface WrittenSnapshot {
  readonly id: string
  readonly guest: string
  commit(): Promise<SnapshotEntry>
  /** @param group the snapshots that it belongs together with */
  prepare(group: ManifestGroup): Promise<PreparedDraft>
  abort(): Promise<void>
}

/** Writes a snapshot of a parked guest into the store, all but the commit. */
export async function writeSnapshot(
  subject: SnapshotSubject,
  name: string | undefined,
  options: SnapshotOptions,
  group: GroupContext | null,
): Promise<WrittenSnapshot> {
  const { guest, store, streams } = subject
  const flags = options.flags ?? {}
  refuseBlocked(subject, flags)
  await streams.stdin?.settle()
  const sync = options.sync ?? true
  const baseToken = ask(guest, (id) => guest.engine.baseToken(id))
  const { sha256, bytes, file } = guest.module
  const draft = await store.begin({
    ...(name === undefined ? {} : { name }),
    guest: { name: guest.name, file },
    baseToken: options.parent === 'none' ? '' : baseToken,
    module: { sha256, bytes },
    force: options.force ?? false,
    sync,
  })
  try {
    const facts = await write(subject, draft, sync, flags, group)
    return {
      id: draft.id,
      guest: guest.name,
      commit: () => draft.commit(facts),
      prepare: (together) => draft.prepare({ ...facts, group: together }),
      abort: () => draft.abort(),
    }
  } catch (error) {
    await draft.abort()
    throw error
  }
}

function refuseBlocked(subject: SnapshotSubject, flags: PluginFlags): void {
  const { guest } = subject
  const { blockers } = planResources(subject, flags)
  const [first] = blockers
  if (first === undefined) return
  const named = blockers.map(({ resource, reason }) => `${resource}: ${reason}`).join('; ')
  throw new WasmshError('ERR_WASMSH_SNAPSHOT_BLOCKED', `A snapshot would lose ${named}`, {
    guest: guest.name,
    resource: first.resource,
    ...(first.hint === '' ? {} : { hint: first.hint }),
  })
}

async function write(
  subject: SnapshotSubject,
  draft: SnapshotDraft,
  sync: boolean,
  flags: PluginFlags,
  group: GroupContext | null,
): Promise<SnapshotFacts> {
  const { guest, engine, edits, limits, plugins } = subject
  const { directory, parent, id: token } = draft
  const remarks = remarksOf(guest)
  const native = await nativePromise(
    () => guest.engine.snapshot(guest.id, { directory, sync, parent, token }),
    { guest: guest.name },
  )
  const view = ask(guest, (id) => guest.engine.view(id, false))
  const main = view.threads.find(({ id }) => id === mainThread)
  return {
    engine,
    needs: { engine: neededEngine(guest.module) },
    status: main?.status ?? 'running',
    position: main?.position ?? null,
    bindings: view.descriptors.flatMap((one) => manifestBinding(subject, one)),
    hostBindings: view.descriptors.flatMap((one) => hostBinding(subject, one)),
    edits,
    remarks,
    limits,
    plugins: await plugins.snapshot(directory, sync, flags, group),
    native: await addUnsentInput(subject, native, directory, sync),
  }
}

/** Input that was given to us and did not fit into the pipe is the guest's too. */
async function addUnsentInput(
  { binding, streams }: SnapshotSubject,
  native: NativeSnapshot,
  directory: string,
  sync: boolean,
): Promise<NativeSnapshot> {
  const unsent = streams.stdin?.unsent()
  if (unsent === undefined || unsent.length === 0) return native
  const path = join(directory, 'state.bin')
  const stored = await readFile(path)
  const descriptors = binding
    .decodeOutside(stored)
    .descriptors.map((one) =>
      one.kind === 'stdin' ? { ...one, unread: Buffer.concat([one.unread, unsent]) } : one,
    )
  const bytes = binding.withDescriptors(stored, descriptors)
  await writing(path, () => writeFile(path, bytes, { flush: sync }))
  const files = native.files.map((file) =>
    file.name === 'state.bin' ? { ...file, bytes: bytes.length } : file,
  )
  return { ...native, files }
}

function isStream(kind: Descriptor['kind']): kind is 'stdin' | 'stdout' | 'stderr' {
  return kind === 'stdin' || kind === 'stdout' || kind === 'stderr'
}

function manifestBinding({ streams }: SnapshotSubject, one: Descriptor): ManifestBinding[] {
  if (one.kind === 'preopen') return [{ kind: one.kind, fd: one.fd, guestPath: one.guestPath }]
  if (!isStream(one.kind)) return []
  const stream = streams.native[one.kind].kind
  if (stream === 'resource') return []
  const isEnded = one.kind === 'stdin' && streams.stdin?.isEnded === true
  return [{ kind: one.kind, fd: one.fd, stream, ...(isEnded ? { ended: true } : {}) }]
}

function hostBinding({ streams, preopens }: SnapshotSubject, one: Descriptor): HostBinding[] {
  if (one.kind === 'preopen') {
    const preopen = preopens.find(({ guestPath }) => guestPath === one.guestPath)
    if (preopen === undefined) return []
    return [{ kind: one.kind, fd: one.fd, guestPath: one.guestPath, hostPath: preopen.hostPath }]
  }
  if (!isStream(one.kind)) return []
  const file = streams.files[one.kind]
  return file === undefined
    ? []
    : [{ kind: one.kind, fd: one.fd, hostPath: file, offset: one.offset }]
}
