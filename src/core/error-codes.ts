/** Who can act on the error. The shell's exit code follows: internal 1, user 2, environment 3. */
export type ErrorKind = 'user' | 'environment' | 'internal'

/**
 * Every code that wasmsh raises, from TypeScript and from native code (there without the prefix).
 * Codes are public: never renamed, never reused. docs/errors.md is generated from this table by
 * `npm run docs`. Sorted by area.
 */
export const errorCodes = {
  ERR_WASMSH_ARCHIVE_EXISTS: {
    kind: 'user',
    remedy: 'Choose another file, or remove the one that is there.',
  },
  ERR_WASMSH_ARCHIVE_INVALID: {
    kind: 'user',
    remedy: 'The file is not a whole .wsnap archive: export it again where the snapshot is.',
  },
  ERR_WASMSH_ARCHIVE_LIMIT: {
    kind: 'user',
    remedy: 'The archive unpacks to more than its manifest allows; do not use it.',
  },
  ERR_WASMSH_BINDINGS_INVALID: {
    kind: 'user',
    remedy: 'Recover with --map-dir, --stdin, --stdout and --stderr given, which replace the stored host paths.',
  },
  ERR_WASMSH_EDIT_TARGET: {
    kind: 'user',
    remedy: 'Name a target such as "local 3", "stack 0", "global 1", "u32[0x100]", "table 0[2]" or "pc".',
  },
  ERR_WASMSH_EDIT_VALUE: {
    kind: 'user',
    remedy: 'Give a value of the type that the target has.',
  },
  ERR_WASMSH_GUEST_BUSY: {
    kind: 'user',
    remedy: 'Wait until the snapshot in progress is written, then try again.',
  },
  ERR_WASMSH_GUEST_ENDED: {
    kind: 'user',
    remedy: 'Run the program again, or recover a snapshot of it.',
  },
  ERR_WASMSH_GUEST_NOT_PAUSED: {
    kind: 'user',
    remedy: 'Pause the guest first.',
  },
  ERR_WASMSH_GUEST_UNKNOWN: {
    kind: 'user',
    remedy: 'List the guests with "guests".',
  },
  ERR_WASMSH_INTERNAL: {
    kind: 'internal',
    remedy: 'This is a bug in wasmsh: please report it with the command that led to it.',
  },
  ERR_WASMSH_MODULE_CORRUPT: {
    kind: 'user',
    remedy: 'Give the original module with --module FILE.',
  },
  ERR_WASMSH_MODULE_MISSING: {
    kind: 'user',
    remedy: 'Give the original module with --module FILE.',
  },
  ERR_WASMSH_SNAPSHOT_CORRUPT: {
    kind: 'user',
    remedy: 'Use another snapshot; "store check" lists what is damaged.',
  },
  ERR_WASMSH_SNAPSHOT_EXISTS: {
    kind: 'user',
    remedy: 'Choose another name, or replace it with --force.',
  },
  ERR_WASMSH_SNAPSHOT_FORMAT: {
    kind: 'user',
    remedy: 'Use the version of wasmsh that wrote the snapshot, or a newer one.',
  },
  ERR_WASMSH_SNAPSHOT_INCOMPLETE: {
    kind: 'user',
    remedy: 'Use another snapshot; "store check" lists what is missing.',
  },
  ERR_WASMSH_SNAPSHOT_INVALID: {
    kind: 'user',
    remedy: 'The snapshot does not fit its module: use another one.',
  },
  ERR_WASMSH_SNAPSHOT_NAME: {
    kind: 'user',
    remedy: 'Use 1 to 100 letters, digits, ".", "_", "+", "@" or "-", beginning with a letter or digit.',
  },
  ERR_WASMSH_SNAPSHOT_UNKNOWN: {
    kind: 'user',
    remedy: 'List the snapshots with "snapshots".',
  },
  ERR_WASMSH_STORE_FULL: {
    kind: 'environment',
    remedy: 'Free some space on the disk, or point WASMSH_HOME at another one; nothing was changed.',
  },
  ERR_WASMSH_STORE_LOCKED: {
    kind: 'environment',
    remedy: 'Wait for the other process that uses the store, or end it.',
  },
  ERR_WASMSH_STORE_READ: {
    kind: 'environment',
    remedy: 'Check that the files of the store can be read by you.',
  },
  ERR_WASMSH_STORE_WRITE: {
    kind: 'environment',
    remedy: 'Check that the folder of the store can be written by you.',
  },
} as const satisfies Record<`ERR_WASMSH_${string}`, { kind: ErrorKind; remedy: string }>

export type ErrorCode = keyof typeof errorCodes
