/** Version of the snapshot format, apart from the product's: equal major, minor not greater. */
export const formatVersion = '1.0'

/** Names of snapshots are typed by people, so they have no blanks, slashes or control characters. */
export const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._+@-]{0,99}$/u

/** Sizes that a guest's stack can have. */
export const minStackBytes = 4096
export const maxStackBytes = 2 ** 30

/** File of a snapshot: its size and, for all but memory images, its SHA-256 in hex. Images are
 *  covered by the checksums of blocks in their index file. */
export interface ManifestFile {
  readonly bytes: number
  readonly sha256?: string
}

/** A linear memory. `images[0]` is the snapshot's own; extents of the index name them by number. */
export interface ManifestMemory {
  /** Size of the linear memory. */
  readonly bytes: number
  readonly index: string
  readonly images: readonly { readonly snapshot: string; readonly file: string }[]
}

/** A connection to the outside, as the guest sees it. Where it leads on this host is in
 *  bindings.json. */
export interface ManifestBinding {
  readonly kind: 'preopen' | 'stdin' | 'stdout' | 'stderr'
  readonly fd: number
  /** Of preopens. */
  readonly guestPath?: string
  /** Of standard streams. */
  readonly stream?: 'pipe' | 'terminal' | 'file' | 'null'
  /** Of stdin: all was given; behind the unread bytes the guest reads end-of-file. */
  readonly ended?: boolean
}

/** A change that somebody made to the guest or to the stored snapshot. */
export interface ManifestEdit {
  readonly target: string
  readonly type: string
  readonly old: string
  readonly new: string
  readonly frame?: number
  readonly function?: number
}

/** Limits that the guest was started with: what it can observe of them must stay the same. */
export interface ManifestLimits {
  /** For frames, locals and operands. */
  readonly stackBytes: number
  /** Of each linear memory. */
  readonly memoryBytes: number
}

/** Snapshots of guests that share resources, taken at one instant. The same in each of them. */
export interface ManifestGroup {
  /** UUID. */
  readonly id: string
  readonly name: string
  readonly members: readonly { readonly snapshot: string; readonly guest: string }[]
}

/** The interpreter, or compiled code. */
export type EngineName = 'interp' | 'aot'

/** manifest.json without its own digest; docs/snapshot-format.md describes each field. */
export interface Manifest {
  readonly format: string
  readonly wasmsh: string
  /** UUID; also the token by which native code knows the snapshot. */
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly guest: { readonly name: string; readonly file: string }
  /** What the guest ran in. */
  readonly engine: EngineName
  readonly wamr: string
  readonly module: { readonly sha256: string; readonly bytes: number }
  /** Of the main thread. */
  readonly status: 'running' | 'host-call' | 'atomic-wait' | 'trapped'
  /** Instructions executed by the main thread, decimal, where they were counted. */
  readonly position: string | null
  readonly state: string
  readonly memories: readonly ManifestMemory[]
  /** The defaults when it is absent. */
  readonly limits?: ManifestLimits
  readonly parent: string | null
  /** Absent of a guest that was taken alone. */
  readonly group?: ManifestGroup
  readonly needs: { readonly engine: 'any' | EngineName }
  readonly plugins: readonly ManifestPlugin[]
  readonly bindings: readonly ManifestBinding[]
  readonly edits: readonly ManifestEdit[]
  /** Where the guest's operation log and the system did not agree; none when it is absent. */
  readonly remarks?: readonly { readonly resource: string; readonly reason: string }[]
  readonly files: Readonly<Record<string, ManifestFile>>
}

/** State of a resource class, written by its plugin. */
export interface ManifestPlugin {
  readonly name: string
  readonly stateVersion: number
  readonly file: string
}
