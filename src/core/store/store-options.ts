import type { ErrorCode } from '../error-codes.js'

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
  /** Largest size that it may unpack to, in bytes; 16 GiB by default. */
  readonly limitBytes?: number
  /** Bytes of the archive. */
  readonly onProgress?: (progress: ArchiveProgress) => void
}

export interface StoredEditOptions {
  /** Name of the new snapshot; by default the guest's with a number. */
  readonly name?: string
  /** Of memory: the place as text, "u32[0x100]" for one, which tells how the manifest shows the
   *  contents; bytes as hex by default. */
  readonly target?: string
}

/** One thing that `store check` found. Nothing is changed by it. */
export interface StoreProblem {
  /** "damage": something cannot be recovered; "waste": `store gc` would remove it. */
  readonly severity: 'damage' | 'waste'
  /** Of the error that a recovery would meet. */
  readonly code: ErrorCode
  readonly message: string
  /** Name or id of the snapshot, digest of the module, or file. */
  readonly resource: string
  readonly hint: string
}

export interface StoreReport {
  readonly snapshots: number
  readonly modules: number
  /** Of all files that were checked, holes left out. */
  readonly bytes: number
  readonly problems: readonly StoreProblem[]
}

/** What `store gc` took away. */
export interface GcReport {
  /** Digests. */
  readonly modules: readonly string[]
  /** As "ID/FILE". */
  readonly images: readonly string[]
  readonly temporary: readonly string[]
  readonly bytes: number
}
