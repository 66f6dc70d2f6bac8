/** Promises of commands called as functions: a line that is one is awaited without saying so. */
const commandPromises = new WeakSet<object>()

export function markCommandPromise(promise: Promise<unknown>): void {
  commandPromises.add(promise)
}

/** Says whether a value is the promise of a command that was called as a function. */
export function isCommandPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && commandPromises.has(value)
}
