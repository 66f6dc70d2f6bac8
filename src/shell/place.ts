/** Where a line is. */
export interface LinePlace {
  /** File of a script; names JavaScript in stack traces. */
  readonly file: string
  /** Line on which it begins, from 1. */
  readonly line: number
}

/** An error, and the line of the script that it stopped. */
export class PlacedError extends Error {
  constructor(
    readonly thrown: unknown,
    readonly place: LinePlace,
  ) {
    super(`${place.file}:${place.line}`)
  }
}
