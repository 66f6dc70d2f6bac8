import type { SnapshotDiff } from '../diff/diff-types.js'
import { nativeCall, nativePromise, WasmshError } from '../errors.js'
import type { NativeBinding, NativeEdit, NativeModule } from '../native.js'
import { storePaths } from '../paths.js'
import type { ResourceTarget } from '../plugin-host/resource-edit.js'
import type {
  DraftOptions,
  SnapshotDraft,
  SnapshotEntry,
  SnapshotSummary,
  StoredSnapshot,
} from '../snapshot/snapshot-entry.js'
import type { View } from '../wasm-view.js'
import { Catalogue } from './catalogue.js'
import { findGroup, groupsOf, requireFreeGroup, type StoredGroup } from './group.js'
import { Lock } from './lock.js'
import { ModuleStore } from './module-store.js'
import type { PreparedDraft } from './publish.js'
import { readEntry, readSnapshot } from './read-snapshot.js'
import { nextName, requireName, type StoreContext } from './store-context.js'
import type {
  ExportOptions,
  GcReport,
  ImportOptions,
  StoredEditOptions,
  StoreReport,
} from './store-options.js'

export type { StoredGroup } from './group.js'
export type * from './store-options.js'

export interface StoreOptions {
  /** Folder of the store; created when first written to. */
  readonly home: string
  readonly native: NativeBinding
  /** Loads a module for the checks that edits of stored snapshots need. */
  readonly loadModule: (sha256: string, bytes: Uint8Array) => Promise<NativeModule>
}

/**
 * Snapshots and modules on disk, shared by every wasmsh process of a user. Whatever is visible in
 * it is whole: writers work under temporary names, and a rename commits. Operations that few
 * sessions use are loaded when they are first used.
 */
export class Store {
  readonly #context: StoreContext

  constructor({ home, native, loadModule }: StoreOptions) {
    const paths = storePaths(home)
    this.#context = {
      paths,
      native,
      loadModule,
      modules: new ModuleStore(paths),
      catalogue: new Catalogue(paths),
      lock: new Lock(paths.lock),
    }
  }

  get home(): string {
    return this.#context.paths.home
  }

  /** Lists the snapshots, oldest first.
   *  @throws WasmshError STORE_READ */
  async list(): Promise<readonly SnapshotSummary[]> {
    const { records } = await this.#context.catalogue.read()
    return records.map(({ needs: _, ...summary }) => summary)
  }

  /** Finds a snapshot by its name, or by its id or the first 8 or more characters of that.
   *  @throws WasmshError SNAPSHOT_UNKNOWN, SNAPSHOT_INCOMPLETE, SNAPSHOT_CORRUPT, SNAPSHOT_FORMAT */
  get(snapshot: string): Promise<SnapshotEntry> {
    return readEntry(this.#context, snapshot)
  }

  /** Finds a group of snapshots by its name; undefined when there is none.
   *  @throws WasmshError GROUP_INCOMPLETE, STORE_READ */
  async group(name: string): Promise<StoredGroup | undefined> {
    const { records } = await this.#context.catalogue.read()
    return findGroup(records, name)
  }

  /** Refuses a name that a snapshot or, unless it is to be replaced, a group has.
   *  @throws WasmshError SNAPSHOT_NAME, SNAPSHOT_EXISTS, STORE_READ */
  async requireFreeGroup(name: string, force: boolean): Promise<void> {
    requireName(name)
    const { records } = await this.#context.catalogue.read()
    requireFreeGroup(records, name, force)
  }

  /** Reads a snapshot for recovery; every digest is checked before anything is parsed. Blocks of
   *  memory are checked by whoever maps them.
   *  @throws WasmshError as get, and BINDINGS_INVALID, STORE_READ */
  async read(snapshot: string): Promise<StoredSnapshot> {
    return readSnapshot(this.#context, await this.get(snapshot))
  }

  /** Reads a module.
   *  @throws WasmshError MODULE_MISSING, MODULE_CORRUPT, STORE_READ */
  readModule(sha256: string): Promise<Uint8Array> {
    return this.#context.modules.get(sha256)
  }

  /** Reads the whole state of a snapshot without the contents of memory.
   *  @throws WasmshError as read */
  async view(snapshot: string): Promise<View> {
    const { state } = await this.read(snapshot)
    return nativeCall(() => this.#context.native.decodeState(state), { resource: snapshot })
  }

  /** Reads a range of a stored linear memory.
   *  @throws WasmshError as read; MEMORY_RANGE outside the memory */
  async readMemory(
    snapshot: string,
    memory: number,
    address: bigint,
    length: number,
  ): Promise<Uint8Array> {
    const { memories } = await this.read(snapshot)
    const stored = memories[memory]
    const isSound = address >= 0n && Number.isSafeInteger(length) && length >= 0
    if (stored === undefined || !isSound || length > 2 ** 32) {
      throw new WasmshError(
        'ERR_WASMSH_MEMORY_RANGE',
        `Snapshot "${snapshot}" has no ${length} bytes at ${address} of memory ${memory}`,
      )
    }
    const { index, images } = stored
    return nativeCall(() => this.#context.native.readImage(index, images, address, length))
  }

  /** Checks every block of a snapshot's memories against its checksum.
   *  @throws WasmshError SNAPSHOT_CORRUPT, and as read */
  async verify(snapshot: string): Promise<void> {
    const { memories } = await this.read(snapshot)
    for (const { index, images } of memories) {
      await nativePromise(() => this.#context.native.verifyImage(index, images))
    }
  }

  /** Starts a snapshot; native code writes into its directory, then commit makes it visible.
   *  @throws WasmshError SNAPSHOT_NAME, SNAPSHOT_EXISTS, STORE_FULL, STORE_WRITE, STORE_LOCKED */
  async begin(options: DraftOptions): Promise<SnapshotDraft> {
    const { beginSnapshot } = await import('./begin.js')
    return beginSnapshot(this.#context, options)
  }

  /** Makes snapshots visible, all or none of them, also when the process is killed meanwhile. Where
   *  `force` was asked for they replace those of their names and the group of theirs. On failure
   *  nothing is left of them.
   *  @throws WasmshError SNAPSHOT_EXISTS, STORE_FULL, STORE_WRITE, STORE_LOCKED */
  async publish(drafts: readonly PreparedDraft[]): Promise<readonly SnapshotEntry[]> {
    const { publish } = await import('./publish.js')
    return await publish(this.#context, drafts)
  }

  /** Gives a name that no snapshot and no group has: the guest's and a number. */
  async freeName(guest: string): Promise<string> {
    const { records } = await this.#context.catalogue.read()
    return nextName([...records, ...groupsOf(records)], guest)
  }

  /** Removes snapshots and whole groups; what others need of them stays until those are gone. A name
   *  that is unknown removes nothing.
   *  @throws WasmshError SNAPSHOT_UNKNOWN, STORE_WRITE, STORE_LOCKED */
  async forget(...wanted: readonly string[]): Promise<void> {
    const { forgetSnapshots } = await import('./forget.js')
    await forgetSnapshots(this.#context, wanted)
  }

  /** Writes a self-contained .wsnap file and answers its size in bytes.
   *  @throws WasmshError ARCHIVE_EXISTS, STORE_FULL, STORE_WRITE, and as read */
  async export(snapshot: string, file: string, options: ExportOptions = {}): Promise<number> {
    const { exportSnapshot } = await import('../archive/export.js')
    return exportSnapshot(this.#context, await this.read(snapshot), file, options)
  }

  /** Takes a .wsnap file of unknown origin in, checked in full.
   *  @throws WasmshError ARCHIVE_INVALID, SNAPSHOT_TOO_LARGE, SNAPSHOT_EXISTS, and as read */
  async import(file: string, options: ImportOptions = {}): Promise<SnapshotEntry> {
    const { importSnapshot } = await import('../archive/import.js')
    return importSnapshot(this.#context, file, options)
  }

  /** Compares two snapshots; lists at most `limit` ranges of each memory and elements of each
   *  table.
   *  @throws WasmshError as read */
  async diff(a: string, b: string, limit = 1000): Promise<SnapshotDiff> {
    const { diffSnapshots } = await import('../diff/diff.js')
    return diffSnapshots(this.#context.native, await this.read(a), await this.read(b), limit)
  }

  /** Writes a child of a snapshot with one change. Frames are numbered from the innermost, 0.
   *  @throws WasmshError EDIT_TARGET, EDIT_VALUE, MEMORY_RANGE, and as read and begin */
  async setStored(
    snapshot: string,
    edit: NativeEdit,
    options: StoredEditOptions = {},
  ): Promise<SnapshotEntry> {
    const { editStored } = await import('./stored-edit.js')
    return editStored(this.#context, await this.read(snapshot), edit, options)
  }

  /** The same for something that a plugin keeps.
   *  @throws WasmshError EDIT_TARGET and those of the plugin, and as read and begin */
  async setStoredResource(
    snapshot: string,
    target: ResourceTarget,
    value: string,
    options: Pick<StoredEditOptions, 'name'> = {},
  ): Promise<SnapshotEntry> {
    const { editStoredResource } = await import('./stored-edit.js')
    return editStoredResource(this.#context, await this.read(snapshot), target, value, options)
  }

  /** Checks every digest and every reference; reports, never deletes.
   *  @throws WasmshError STORE_READ */
  async check(): Promise<StoreReport> {
    const { checkStore } = await import('./check.js')
    return checkStore(this.#context)
  }

  /** Removes what no snapshot needs: modules, kept images, leftovers of ended processes.
   *  @throws WasmshError STORE_WRITE, STORE_LOCKED */
  async gc(): Promise<GcReport> {
    const { collectGarbage } = await import('./gc.js')
    return collectGarbage(this.#context)
  }
}
