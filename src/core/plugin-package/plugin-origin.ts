/** Where a plugin of a shell comes from. */
export interface PluginOrigin {
  /** It came with wasmsh, was handed over by a program, or was loaded from a package or a file. */
  readonly kind: 'built-in' | 'program' | 'package' | 'file'
  /** Name of its package, where it has one. */
  readonly package: string | null
  /** Of its package. */
  readonly version: string | null
  /** The module that exports it. */
  readonly file: string | null
  /** Folder of its package. */
  readonly folder: string | null
}

/** Of a plugin that a program handed over as an object. */
export const fromProgram: PluginOrigin = {
  kind: 'program',
  package: null,
  version: null,
  file: null,
  folder: null,
}
