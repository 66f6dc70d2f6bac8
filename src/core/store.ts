import type { SnapshotDiff } from './diff-types.js'
import type { NativeBinding, NativeEdit, NativeModule } from './native.js'
import type {
  DraftOptions,
  SnapshotDraft,
  SnapshotEntry,
  SnapshotSummary,
  StoredSnapshot,
} from './snapshot-entry.js'
import type { View } from './wasm-view.js'

export interface StoreOptions {
  /** Folder of the store; created when first written to. */
  readonly home: string
  readonly native: NativeBinding
  /** Loads a module for the checks that edits of stored snapshots need. */
  readonly loadModule: (sha256: string, bytes: Uint8Array) => Promise<NativeModule>
}

export interface ArchiveProgress {
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface ExportOptions {
  /** Include the module; true by default. */
  readonly module?: boolean
  /** Replace a file of that name. */
  readonly force?: boolean
  readonly onProgress?: (progress: ArchiveProgress) => void
}

export interface ImportOptions {
  /** Name in this store, instead of the one in the archive. */
  readonly name?: string
  readonly onProgress?: (progress: ArchiveProgress) => void
}

/** One thing that `store check` found. Nothing is changed by it. */
export interface StoreProblem {
  /** Code of the error that a recovery would meet, without further context. */
  readonly code: string
  readonly message: string
  /** Snapshot, module or file. */
  readonly resource: string
  readonly hint: string
}

export interface StoreReport {
  readonly snapshots: number
  readonly modules: number
  readonly bytes: number
  readonly problems: readonly StoreProblem[]
}

/** What `store gc` took away. */
export interface GcReport {
  readonly modules: readonly string[]
  readonly images: readonly string[]
  readonly temporary: readonly string[]
  readonly bytes: number
}

/** Snapshots and modules on disk, shared by every wasmsh process of a user. */
export class Store {
  constructor(private readonly options: StoreOptions) {}

  get home(): string {
    return this.options.home
  }

  /** Lists the snapshots, oldest first. */
  list(): Promise<readonly SnapshotSummary[]> {
    throw new Error()
  }

  /** Finds a snapshot by its name, or by its id or the first 8 or more digits of it.
   *  @throws WasmshError SNAPSHOT_UNKNOWN, SNAPSHOT_CORRUPT, SNAPSHOT_FORMAT. */
  get(snapshot: string): Promise<SnapshotEntry> {
    throw new Error(snapshot)
  }

  /** Reads a snapshot for recovery, every digest checked before anything is parsed. */
  read(snapshot: string): Promise<StoredSnapshot> {
    throw new Error(snapshot)
  }

  /** Reads the module of a snapshot. @throws WasmshError MODULE_MISSING, MODULE_CORRUPT. */
  readModule(sha256: string): Promise<Uint8Array> {
    throw new Error(sha256)
  }

  /** Reads the whole state of a snapshot without the contents of memory. */
  view(snapshot: string): Promise<View> {
    throw new Error(snapshot)
  }

  /** Reads a range of a stored linear memory. */
  readMemory(
    snapshot: string,
    memory: number,
    address: bigint,
    length: number,
  ): Promise<Uint8Array> {
    throw new Error(`${snapshot}${memory}${address}${length}`)
  }

  /** Starts a snapshot; native code writes into its directory, then commit makes it visible. */
  begin(options: DraftOptions): Promise<SnapshotDraft> {
    throw new Error(options.name)
  }

  /** Gives a name that no snapshot has: the guest's and a number. */
  freeName(guest: string): Promise<string> {
    throw new Error(guest)
  }

  /** Removes a snapshot; what its children need stays until they are gone. */
  forget(snapshot: string): Promise<void> {
    throw new Error(snapshot)
  }

  /** Writes a self-contained .wsnap file. Resolves to its size in bytes. */
  export(snapshot: string, file: string, options: ExportOptions = {}): Promise<number> {
    throw new Error(`${snapshot}${file}${options}`)
  }

  /** Takes a .wsnap file of unknown origin in, checked in full. */
  import(file: string, options: ImportOptions = {}): Promise<SnapshotEntry> {
    throw new Error(`${file}${options}`)
  }

  diff(a: string, b: string, limit = 1000): Promise<SnapshotDiff> {
    throw new Error(`${a}${b}${limit}`)
  }

  /** Writes a child of a snapshot with one change. Frames are numbered from the innermost, 0. */
  setStored(
    snapshot: string,
    edit: NativeEdit,
    options: { name?: string; target: string },
  ): Promise<SnapshotEntry> {
    throw new Error(`${snapshot}${edit}${options}`)
  }

  /** Checks every digest and every reference; reports, never deletes. */
  check(): Promise<StoreReport> {
    throw new Error()
  }

  /** Removes what no snapshot needs: modules, kept images, leftovers of ended processes. */
  gc(): Promise<GcReport> {
    throw new Error()
  }
}
