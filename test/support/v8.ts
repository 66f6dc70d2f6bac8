/** Node's own WebAssembly with what a host needs in order to carry a guest's state over; @types/node
 *  leaves it out. */

export type V8Value = number | bigint | object | null | undefined
export type V8Function = (...values: V8Value[]) => V8Value | V8Value[]

export interface V8Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export interface V8Table {
  readonly length: number
  get(index: number): object | null
  set(index: number, value: object | null): void
  grow(by: number, value: object | null): number
}

export interface V8Global {
  value: V8Value
}

export type V8External = V8Function | V8Memory | V8Table | V8Global
export type V8Imports = Record<string, Record<string, V8External>>
export type V8Exports = Readonly<Record<string, V8External>>

interface V8 {
  readonly Module: {
    new (bytes: Uint8Array): object
    imports(module: object): readonly { module: string; name: string; kind: string }[]
    exports(module: object): readonly { name: string; kind: string }[]
  }
  readonly Instance: new (module: object, imports?: V8Imports) => { readonly exports: V8Exports }
  readonly Memory: new (type: { initial: number; maximum?: number; shared?: boolean }) => V8Memory
  readonly Global: new (type: { value: string; mutable?: boolean }, value: V8Value) => V8Global
  readonly RuntimeError: new () => Error
  validate(bytes: Uint8Array): boolean
}

export const v8 = Reflect.get(globalThis, 'WebAssembly') as V8
