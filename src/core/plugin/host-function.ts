/**
 * Host functions: imports of a guest that a plugin implements. A plugin declares their types in
 * `imports`, and the tracker of each guest has a function for each of them.
 */
import type { CallMemory } from './call-memory.js'

/** A type of the WebAssembly core specification that a host function can take and give. */
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64'

/** A parameter or result: its type, or its name for the log and its type: "length: i32". */
export type NamedType = NumberType | `${string}: ${NumberType}`

/** The wasm type of one import; checked against what a module asks for when it is loaded. */
export interface ImportType {
  /** At most 16. */
  readonly params: readonly NamedType[]
  /** None or one. */
  readonly results: readonly [] | readonly [NamedType]
  /** True when a call makes, ends or changes a resource of the plugin: `record` then gets it. Calls
   *  that the plugin names in `creates` do so in any case. */
  readonly changesIdentity?: boolean
}

/** Types by module name ("env") and import name ("sensor_read"). */
export type ImportTypes = Readonly<Record<string, Readonly<Record<string, ImportType>>>>

/** How a value crosses: i64 as a signed bigint, i32 as a signed number, floats as numbers, as in the
 *  WebAssembly JavaScript interface. Results may be unsigned too. */
export type NumberOf<Named extends NamedType> = Named extends 'i64' | `${string}: i64`
  ? bigint
  : number

/** What a host function with that type takes behind `call`. */
export type ArgumentsOf<Params extends readonly NamedType[]> = {
  -readonly [Index in keyof Params]: NumberOf<Params[Index]>
}

/** What a host function with that type returns. */
export type ResultOf<Results extends readonly NamedType[]> = Results extends readonly [
  infer Result extends NamedType,
]
  ? NumberOf<Result>
  : // biome-ignore lint/suspicious/noConfusingVoidType: a function without result returns nothing
    void

/**
 * Implements an import. The guest waits meanwhile, and only meanwhile: whatever else it does, it
 * does without JavaScript.
 *
 * What it throws traps the guest, with the names of the plugin and of the function; nothing that it
 * wrote to memory is kept then.
 */
export type HostFunction<Type extends ImportType = ImportType> = (
  call: HostCall,
  ...args: ArgumentsOf<Type['params']>
) => ResultOf<Type['results']> | Promise<ResultOf<Type['results']>>

/** Functions for all of a plugin's imports: HostFunctions<typeof imports>. */
export type HostFunctions<Types extends ImportTypes> = {
  readonly [Module in keyof Types]: {
    readonly [Name in keyof Types[Module]]: HostFunction<Types[Module][Name]>
  }
}

/** Functions of any type, as the core sees them. */
export type AnyHostFunctions = Readonly<
  // biome-ignore lint/suspicious/noExplicitAny: functions of many types
  Record<string, Readonly<Record<string, (call: HostCall, ...args: any[]) => unknown>>>
>

/** One call of a host function. It ends when the function returns or its promise settles. */
export interface HostCall {
  readonly guest: { readonly name: string }
  /** Guest thread that calls; 0 is the main thread. */
  readonly thread: number
  readonly memory: CallMemory
  /**
   * Aborted when the guest is to stand still or has been killed. A function that waits for something
   * then ends in one of two ways: it settles, with its effect, which the guest has at once; or it
   * rejects with NotBegun, promising that it had no effect. Until one of them happens the guest
   * cannot be paused.
   */
  readonly signal: AbortSignal
}

/**
 * What a host function, or a file of a provider, rejects with when a pause finds it without any
 * effect so far. The call is then part of a snapshot, and is made again when the guest goes on, here
 * or where it is recovered.
 */
export class NotBegun extends Error {
  override readonly name = 'NotBegun'

  constructor(message = 'The call has had no effect and can be made again') {
    super(message)
  }
}
