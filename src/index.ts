/** What programs that use wasmsh import. */
export type {
  Callee,
  FunctionStablePoints,
  StablePoint,
  StablePoints,
} from './core/aot/stable-points.js'
export type { CachedCode } from './core/compile/cached-code.js'
export type { CodeOrigin } from './core/compile/code-seal.js'
export type { CompilePhase } from './core/compile/compile-job.js'
export type { CompileReport, NoCodeReason } from './core/compile/compiler.js'
export { type CompileTarget, compileTargets } from './core/compile/target.js'
export type { Edit, EditTarget, MemoryType } from './core/edit/edit.js'
export { formatTarget, parseTarget } from './core/edit/edit-target.js'
export { type ErrorCode, type ErrorKind, type Problem, WasmshError } from './core/errors.js'
export type { PauseOptions } from './core/group/group-pause.js'
export type { GuestEvents, Outcome, PauseReason, Trap } from './core/guest/events.js'
export type { Guest } from './core/guest/guest.js'
export type { EditValue } from './core/guest/guest-edit.js'
export type { SnapshotOptions } from './core/guest/guest-snapshot.js'
export type { GuestState } from './core/guest/guest-state.js'
export type { WaitOptions } from './core/guest/guest-wait.js'
export type * from './core/guest/inspect.js'
export type * from './core/guest/run-options.js'
export type { Instruction, Module } from './core/module.js'
export { type DirectoryEntry, readEntries } from './core/oplog/directory-entries.js'
export type {
  Operation,
  OperationData,
  OperationField,
  OperationLog,
  OperationLogInfo,
} from './core/oplog/operation.js'
export type { OperationBytes } from './core/oplog/operation-bytes.js'
export { type Performed, Performer } from './core/oplog/perform.js'
export { type WasiArgument, type WasiTarget, wasiTargetBytes } from './core/oplog/wasi-target.js'
export * from './core/plugin.js'
export type { ReloadReport } from './core/plugin-host/reload-plugin.js'
export type { PluginOrigin } from './core/plugin-package/plugin-origin.js'
export { type PointVisits, type Profile, readProfile } from './core/profile/profile.js'
export type { CompileOptions, Shell, ShellEvents, ShellOptions } from './core/shell.js'
export type { SnapshotEntry, SnapshotSummary } from './core/snapshot/snapshot-entry.js'
export type { Store } from './core/store/store.js'
export { formatValue, parseValue } from './core/value/value.js'
export { verify } from './core/verify/verify.js'
export type {
  VerifyAspect,
  VerifyDifference,
  VerifyMismatch,
  VerifyOptions,
  VerifyProgress,
  VerifyReport,
} from './core/verify/verify-types.js'
export type * from './core/wasm-view.js'
export { type OpenOptions, openShell } from './open-shell.js'
export { builtInPlugins } from './plugins/index.js'
