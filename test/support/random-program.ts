import { randomImports, randomModule } from './random-module.js'
import type { V8Host, V8Program } from './step-through.js'
import type { V8Value } from './v8.js'
import { compileWat } from './wat.js'

/** A random module as a program, with a host that remembers the calls. */
export async function randomProgram(seed: number): Promise<V8Program> {
  return programOf(await compileWat(randomModule(seed)))
}

/** The same for a module that was made of one. */
export function programOf(bytes: Uint8Array): V8Program {
  return { bytes, calls: [{ name: 'run', values: [7, 9n] }], host: makeHost }
}

function makeHost(): V8Host {
  const calls: string[] = []
  const functions = randomImports.map(({ results }, index) => (...values: V8Value[]) => {
    calls.push(`${index}(${values.map(String).join()})`)
    const number = calls.length * 7 + index
    const list = results.map((type) => (type === 'i64' ? BigInt(number) : number))
    return shaped(list)
  })
  const imports = { host: Object.fromEntries(functions.map((one, index) => [`h${index}`, one])) }
  const unperformed = (name: string): V8Value | V8Value[] => {
    const { results } = randomImports[Number(name.slice(1))] ?? { results: [] }
    return shaped(results.map((type) => (type === 'i64' ? 0n : 0)))
  }
  return { imports, unperformed, attach: () => {}, outcome: () => calls.join('\n') }
}

/** Results as JavaScript gives them to an engine. */
function shaped(list: readonly V8Value[]): V8Value | V8Value[] {
  return list.length === 1 ? list[0] : [...list]
}
