/**
 * The names by which a suspendable module and its host know each other. A guest's own imports and
 * exports never have them.
 */

/** Module that the added imports are from. All their types are integers, but for the two that turn a
 *  reference to a function into a number and back. */
export const hostModule = 'wasmsh:suspend'

/** What the added exports begin with. */
export const exportPrefix = 'wasmsh:'

/**
 * Spilling, innermost frame first: `frame(function, point)`, then `spill` for each value in the order
 * of the table of stable points; a v128 is two, low half first. Nothing calls `frame_here`: a compiler
 * may do so in place of both, if it tells the host where the values are at that call.
 *
 * Rebuilding, outermost frame first: `enter()` takes the next frame and gives its point, `reload`
 * and `reload_high` give its values by slot, `callee()` gives the place in the table of twins of the
 * frame that comes next, or -1.
 */
export const hostImports = {
  frame: 'frame',
  spill: 'spill',
  frameHere: 'frame_here',
  enter: 'enter',
  reload: 'reload',
  reloadHigh: 'reload_high',
  callee: 'callee',
  functionIndex: 'function_index',
  functionAt: 'function_at',
} as const

export type HostImport = (typeof hostImports)[keyof typeof hostImports]

/** Global that compiled code polls at loops and entries; not 0 asks for a stop. */
export const pollGlobal = `${exportPrefix}poll`

/** Global that is tested behind calls; not 0 while the stack is being spilled. In a compiler both are
 *  one word. */
export const unwindingGlobal = `${exportPrefix}unwinding`

/** The start function: not run at instantiation, since a recovered guest has run it already. */
export const startExport = `${exportPrefix}start`

/** Bit of the unwinding global that says: the host call that returns now was not performed. */
export const undoneBit = 2

/** Name of the export that rebuilds a stack whose outermost function has such results. */
export function resumeExport(results: readonly string[]): string {
  return `${exportPrefix}resume(${results.join(',')})`
}

/** With `exportState`: everything that makes up a guest's state, but for which segments it dropped. */
export const stateExports = {
  memory: `${exportPrefix}memory`,
  /** Bits of a mutable global as one i64, or two for a vector: a host may not have its type. */
  readGlobal: (index: number): string => `${exportPrefix}read:${index}`,
  writeGlobal: (index: number): string => `${exportPrefix}write:${index}`,
  /** A mutable global that is a reference. */
  global: (index: number): string => `${exportPrefix}global:${index}`,
  table: (index: number): string => `${exportPrefix}table:${index}`,
  /** Every function of the guest, by its original index. */
  functions: `${exportPrefix}functions`,
}
