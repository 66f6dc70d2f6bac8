/** A value that a WASI call takes: i32 as number, i64 as bigint. */
export type WasiArgument = number | bigint

/** A WASI implementation that operations are performed against. */
export interface WasiTarget {
  /** Memory that its calls work on; at least wasiTargetBytes. */
  readonly memory: { readonly buffer: ArrayBuffer }
  /** Makes a call of WASI preview 1. Gives its errno. */
  call(name: string, args: readonly WasiArgument[]): number
  /** Descriptors that it begins with, by those that the guest began with. */
  readonly descriptors: ReadonlyMap<number, number>
}

/** Memory that is needed to perform operations with so many bytes in their buffers at most. */
export function wasiTargetBytes(mostBytes: number): number {
  return bufferAddress + mostBytes + slack
}

/** Where results, structures, paths, lists of buffers and buffers are in a target's memory. */
export const resultAddress = 1024
export const structureAddress = 2048
export const pathAddress = 4096
export const listAddress = 16_384
export const bufferAddress = 65_536
const slack = 65_536
