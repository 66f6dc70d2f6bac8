/** What is used in tests of Node's own WebAssembly, which @types/node leaves out. */
interface V8 {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports?: Record<string, Record<string, (...args: number[]) => number>>,
  ) => { readonly exports: unknown }
  readonly RuntimeError: new () => Error
}

export const v8 = Reflect.get(globalThis, 'WebAssembly') as V8
