/** What programs that use wasmsh import. */
export type { Edit, EditTarget, MemoryType } from './core/edit.js'
export { formatTarget, parseTarget } from './core/edit-target.js'
export { type ErrorCode, type ErrorKind, WasmshError } from './core/errors.js'
export type { GuestEvents, Outcome, PauseReason, Trap } from './core/events.js'
export type { Guest } from './core/guest.js'
export type { EditValue } from './core/guest-edit.js'
export type { SnapshotOptions } from './core/guest-snapshot.js'
export type { GuestState } from './core/guest-state.js'
export type { WaitOptions } from './core/guest-wait.js'
export type * from './core/inspect.js'
export type { Instruction, Module } from './core/module.js'
export type * from './core/run-options.js'
export { openShell, type Shell, type ShellEvents, type ShellOptions } from './core/shell.js'
export type { SnapshotEntry, SnapshotSummary } from './core/snapshot-entry.js'
export type { Store } from './core/store.js'
export { formatValue, parseValue } from './core/value.js'
export { verify } from './core/verify.js'
export type {
  VerifyAspect,
  VerifyDifference,
  VerifyMismatch,
  VerifyOptions,
  VerifyProgress,
  VerifyReport,
} from './core/verify-types.js'
export type * from './core/wasm-view.js'
