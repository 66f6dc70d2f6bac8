/** How numbers lie in memory, little-endian. */
export type LoadType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64'

/** What a number of that type is in JavaScript. */
export type Loaded<Type extends LoadType> = Type extends 'u64' | 'i64' ? bigint : number

/**
 * The memory of a guest that waits in a call. Everything is a copy: what is read does not change
 * afterwards, and what is written reaches the guest when the call succeeds, all of it or nothing.
 * Reads see what the same call has written.
 *
 * Addresses are taken as unsigned, whatever sign they have. Each method throws WasmshError
 * ERR_WASMSH_MEMORY_RANGE for what is not inside the memory, and
 * ERR_WASMSH_PLUGIN_CALL_OVER once the call has ended.
 */
export interface CallMemory {
  /** Bytes. */
  readonly size: number
  read(address: number, length: number): Uint8Array
  write(address: number, bytes: Uint8Array): void
  load<Type extends LoadType>(type: Type, address: number): Loaded<Type>
  store<Type extends LoadType>(type: Type, address: number, value: Loaded<Type>): void
  /** UTF-8; what is none becomes U+FFFD. */
  readText(address: number, length: number): string
}
