import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { formatTarget, parseTarget } from '../edit/edit-target.js'
import { formatMemoryValue, memoryTypeBytes } from '../edit/memory-value.js'
import { nativeCall, nativePromise, WasmshError } from '../errors.js'
import type { NativeEdit } from '../native.js'
import type { Json } from '../plugin.js'
import { editsOf, type ResourceTarget, runEdit, toEdit } from '../plugin-host/resource-edit.js'
import { storedState } from '../plugin-host/stored-state.js'
import { formatState } from '../plugin-host/upgrade-state.js'
import { inheritPlugins } from '../snapshot/blobs.js'
import { flattenMemory, type StoredMemory } from '../snapshot/flatten.js'
import type {
  Manifest,
  ManifestEdit,
  ManifestMemory,
  ManifestPlugin,
} from '../snapshot/manifest.js'
import { canonicalJson } from '../snapshot/sealed-json.js'
import type { SnapshotEntry, StoredSnapshot } from '../snapshot/snapshot-entry.js'
import { productVersion } from '../version.js'
import type { View } from '../wasm-view.js'
import { maxImages } from './begin.js'
import { DraftDirectory } from './draft.js'
import { createFile, writing } from './durable-file.js'
import { requireFree, requireName, type StoreContext } from './store-context.js'
import type { StoredEditOptions } from './store-options.js'
import { changeView } from './view-edit.js'

/** What a child has that its snapshot does not. */
interface Change {
  readonly state: Uint8Array
  readonly edit: ManifestEdit
  readonly memory?: Extract<NativeEdit, { kind: 'memory' }>
  /** A plugin's new state. */
  readonly plugin?: { readonly entry: ManifestPlugin; readonly state: Json }
}

/** Writes a child of a stored snapshot with one change; the snapshot itself stays as it is. */
export async function editStored(
  context: StoreContext,
  stored: StoredSnapshot,
  edit: NativeEdit,
  options: StoredEditOptions,
): Promise<SnapshotEntry> {
  const change: Change =
    edit.kind === 'memory'
      ? { state: stored.state, edit: changeMemory(context, stored, edit, options), memory: edit }
      : await changeState(context, stored, edit)
  return await writeChild(context, stored, change, options)
}

/** The same for something that a plugin keeps.
 *  @throws WasmshError EDIT_TARGET, EDIT_VALUE and those of the plugin */
export async function editStoredResource(
  context: StoreContext,
  stored: StoredSnapshot,
  target: ResourceTarget,
  value: string,
  options: StoredEditOptions,
): Promise<SnapshotEntry> {
  return await writeChild(
    context,
    stored,
    await changeResource(context, stored, target, value),
    options,
  )
}

async function writeChild(
  context: StoreContext,
  stored: StoredSnapshot,
  change: Change,
  options: StoredEditOptions,
): Promise<SnapshotEntry> {
  const { entry } = stored
  const draft = await begin(context, entry.manifest, options.name)
  try {
    const path = join(draft.directory, entry.manifest.state)
    await writing(path, () => createFile(path, change.state))
    const memories: ManifestMemory[] = []
    for (const number of stored.memories.keys()) {
      const patches = change.memory?.memory === number ? [change.memory] : []
      memories.push(await childMemory(context, stored, number, draft, patches))
    }
    const { plugin } = change
    await inheritPlugins(entry.directory, entry.manifest, draft.directory, plugin?.entry.file)
    if (plugin !== undefined) {
      const file = join(draft.directory, plugin.entry.file)
      await writing(file, () => createFile(file, canonicalJson(plugin.state)))
    }
    // What was changed is no longer the instant that a group was taken at.
    const { id: _, name: __, files: ___, group: ____, ...parts } = entry.manifest
    const child = {
      ...parts,
      memories,
      plugins: parts.plugins.map((one) => (one.name === plugin?.entry.name ? plugin.entry : one)),
      wasmsh: productVersion(),
      created: new Date().toISOString(),
      parent: entry.id,
      edits: [...parts.edits, change.edit],
    }
    const name = options.name ?? null
    const { bindings } = stored
    const commit = { name, base: entry.guest.name, force: false, sync: true, bindings }
    return await draft.commit(child, commit)
  } catch (error) {
    await draft.abort().catch(() => undefined)
    throw error
  }
}

async function begin(
  context: StoreContext,
  manifest: Manifest,
  name: string | undefined,
): Promise<DraftDirectory> {
  if (name !== undefined) requireName(name)
  return context.lock.run(async () => {
    const { records } = await context.catalogue.read()
    if (name !== undefined) requireFree(records, name)
    const images = manifest.memories.flatMap((memory) => memory.images)
    return DraftDirectory.create(
      context,
      {
        module: manifest.module.sha256,
        images: images.map(({ snapshot, file }) => `${snapshot}/${file}`),
      },
      randomUUID(),
    )
  })
}

/** Has a plugin change its state, and with it the guest's descriptors. */
async function changeResource(
  context: StoreContext,
  stored: StoredSnapshot,
  target: ResourceTarget,
  value: string,
): Promise<Change> {
  const { plugin, place } = target
  const { entry } = stored
  const { editStored: edit } = editsOf(target)
  const listed = entry.manifest.plugins.find(({ name }) => name === plugin.name)
  if (edit === undefined || listed === undefined) {
    const why = edit === undefined ? 'cannot change stored snapshots' : 'has no state in it'
    throw new WasmshError(
      'ERR_WASMSH_EDIT_TARGET',
      `"${plugin.name}.${place}" of snapshot "${entry.name}" cannot be set: plugin "${plugin.name}" ${why}`,
      { hint: 'Recover it with --paused and set it there.' },
    )
  }
  const view = nativeCall(() => context.native.decodeState(stored.state))
  const { descriptors } = view
  const state = await storedState(entry.directory, entry.manifest, plugin)
  const subject = { kind: 'snapshot' as const, snapshot: entry, state, descriptors }
  const changed = await runEdit(target, () => edit(subject, place, value))
  return {
    state:
      changed.descriptors === undefined
        ? stored.state
        : await encode(context, stored, { ...view, descriptors: changed.descriptors }),
    edit: toEdit(target, changed),
    plugin: {
      entry: { ...listed, stateVersion: plugin.state.version },
      state: formatState(plugin.state, changed.state, plugin.name),
    },
  }
}

/** Changes the view and lets native code hold the result to the module. */
async function changeState(
  context: StoreContext,
  stored: StoredSnapshot,
  edit: Exclude<NativeEdit, { kind: 'memory' }>,
): Promise<Change> {
  const { native, modules, loadModule } = context
  const { sha256: digest } = stored.entry.manifest.module
  const module = await loadModule(digest, await modules.get(digest))
  const { globals } = nativeCall(() => module.describe())
  const before = nativeCall(() => native.decodeState(stored.state))
  const changed = changeView(before, edit, (index) => globals[index]?.mutable === true)
  return { state: await encode(context, stored, changed.view), edit: changed.edit }
}

async function encode(
  { native, modules, loadModule }: StoreContext,
  { entry }: StoredSnapshot,
  view: View,
): Promise<Uint8Array> {
  const { sha256: digest } = entry.manifest.module
  const module = await loadModule(digest, await modules.get(digest))
  const bytes = nativeCall(() => native.encodeState(view))
  try {
    nativeCall(() => native.validateState(module, bytes))
  } catch (error) {
    if (!(error instanceof WasmshError) || error.code !== 'ERR_WASMSH_SNAPSHOT_INVALID') throw error
    const hint = 'Values must fit what the function expects at that place.'
    const message = error.message.replace(/^The snapshot/, 'The changed snapshot')
    throw new WasmshError('ERR_WASMSH_EDIT_VALUE', message, { hint, cause: error })
  }
  return bytes
}

function changeMemory(
  { native }: StoreContext,
  { entry, memories }: StoredSnapshot,
  edit: Extract<NativeEdit, { kind: 'memory' }>,
  options: StoredEditOptions,
): ManifestEdit {
  const { memory, address, bytes } = edit
  const stored = memories[memory]
  const size = BigInt(entry.manifest.memories[memory]?.bytes ?? 0)
  if (stored === undefined || address < 0n || address + BigInt(bytes.length) > size) {
    throw new WasmshError(
      'ERR_WASMSH_MEMORY_RANGE',
      `Memory ${memory} of snapshot "${entry.name}" has ${size} bytes; there are none at ${address}`,
    )
  }
  const { index, images } = stored
  const old = nativeCall(() => native.readImage(index, images, address, bytes.length))
  return describeMemoryEdit(address, old, bytes, options.target)
}

function describeMemoryEdit(
  address: bigint,
  old: Uint8Array,
  bytes: Uint8Array,
  target: string | undefined,
): ManifestEdit {
  const place = target === undefined ? { kind: 'bytes' as const, address } : parseTarget(target)
  const isTyped = place.kind === 'memory' && memoryTypeBytes(place.type) === bytes.length
  const format = (content: Uint8Array) =>
    isTyped ? formatMemoryValue(place.type, content) : Buffer.from(content).toString('hex')
  return {
    target: isTyped ? formatTarget(place) : `bytes[0x${address.toString(16)}]`,
    type: isTyped ? place.type : 'bytes',
    old: format(old),
    new: format(bytes),
  }
}

/** Writes an image with the changed pages; the rest is the parent's. */
async function childMemory(
  { native }: StoreContext,
  { entry, memories }: StoredSnapshot,
  number: number,
  draft: DraftDirectory,
  patches: readonly { readonly address: bigint; readonly bytes: Uint8Array }[],
): Promise<ManifestMemory> {
  const parent = entry.manifest.memories[number]
  const stored = memories[number]
  if (parent === undefined || stored === undefined) {
    throw new WasmshError('ERR_WASMSH_INTERNAL', `There is no memory ${number}`)
  }
  const own = { snapshot: draft.id, file: `memory-${number}.img` }
  const isLong = parent.images.length >= maxImages
  const flat = { snapshot: draft.id, file: `memory-${number}.base.img` }
  const base = isLong
    ? await flattened(native, stored, parent.bytes, join(draft.directory, flat.file))
    : stored
  await nativePromise(() => native.patchImage(base, patches, draft.directory, number))
  const images = [own, ...(isLong ? [flat] : parent.images)]
  return { bytes: parent.bytes, index: `memory-${number}.idx`, images }
}

async function flattened(
  native: StoreContext['native'],
  stored: StoredMemory,
  bytes: number,
  path: string,
): Promise<StoredMemory> {
  const index = await writing(path, () => flattenMemory(native, stored, bytes, path, true))
  return { index, images: [path] }
}
