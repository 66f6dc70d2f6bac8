import type { NativeParent, NativeSnapshot } from '../native.js'
import type { PreparedDraft } from '../store/publish.js'
import type {
  EngineName,
  Manifest,
  ManifestBinding,
  ManifestEdit,
  ManifestGroup,
  ManifestLimits,
  ManifestPlugin,
} from './manifest.js'

/** What lists of snapshots show; kept in the catalogue. */
export interface SnapshotSummary {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly guest: { readonly name: string; readonly file: string }
  readonly module: { readonly sha256: string; readonly bytes: number }
  readonly engine: EngineName
  readonly status: Manifest['status']
  /** Decimal; null when instructions were not counted. */
  readonly position: string | null
  /** Id of the snapshot that this one was taken after; it may be gone by now. */
  readonly parent: string | null
  /** Sizes of all linear memories together. */
  readonly memoryBytes: number
  /** What the snapshot's own files hold, without holes where that is known. */
  readonly bytes: number
  readonly edits: number
  /** Guests that it was taken together with; absent of one alone. */
  readonly group?: ManifestGroup
}

/** A stored snapshot with all that its manifest says. */
export interface SnapshotEntry extends SnapshotSummary {
  readonly directory: string
  readonly manifest: Manifest
}

/** Where a connection of the guest leads on this host; kept in bindings.json, never exported. */
export interface HostBinding {
  readonly kind: ManifestBinding['kind']
  readonly fd: number
  /** Of preopens. */
  readonly guestPath?: string
  /** Directory or file. */
  readonly hostPath: string
  /** Of standard streams: bytes from the start. */
  readonly offset?: bigint
}

/** A snapshot whose digests were checked, ready for recovery. Blocks of memory are checked by
 *  whoever maps them. */
export interface StoredSnapshot {
  readonly entry: SnapshotEntry
  /** Contents of state.bin. */
  readonly state: Uint8Array
  readonly memories: readonly { readonly index: Uint8Array; readonly images: readonly string[] }[]
  readonly bindings: readonly HostBinding[]
}

/** What a writer of a snapshot knows at its start. */
export interface DraftOptions {
  /** By default the guest's name with a number. */
  readonly name?: string
  readonly guest: { readonly name: string; readonly file: string }
  /** Token of the snapshot whose pages the engine tracks (NativeEngine.baseToken), "" without. */
  readonly baseToken: string
  readonly module: { readonly sha256: string; readonly bytes: Uint8Array }
  /** Replace a snapshot of that name. */
  readonly force?: boolean
  /** Wait until the bytes are on the disk; true by default. */
  readonly sync?: boolean
}

/** What a writer of a snapshot knows once the native files are written. */
export interface SnapshotFacts {
  readonly engine: EngineName
  readonly needs: Manifest['needs']
  readonly status: Manifest['status']
  readonly position: bigint | null
  readonly bindings: readonly ManifestBinding[]
  readonly hostBindings: readonly HostBinding[]
  readonly edits: readonly ManifestEdit[]
  readonly remarks?: readonly { readonly resource: string; readonly reason: string }[]
  /** The defaults when it is absent. */
  readonly limits?: ManifestLimits
  readonly group?: ManifestGroup
  readonly plugins: readonly ManifestPlugin[]
  readonly native: NativeSnapshot
}

/** A snapshot being written. Exactly one of commit, prepare and abort ends it. */
export interface SnapshotDraft {
  /** Id of the snapshot to be: the token for native code. */
  readonly id: string
  /** Existing, empty directory for the native files. */
  readonly directory: string
  /** What native code may refer to; null asks for a full snapshot. */
  readonly parent: NativeParent | null
  /** Writes the manifest and makes the snapshot visible, whole or not at all. */
  commit(facts: SnapshotFacts): Promise<SnapshotEntry>
  /** All of that but the last step, which Store.publish does for several snapshots at once. */
  prepare(facts: SnapshotFacts): Promise<PreparedDraft>
  abort(): Promise<void>
}
