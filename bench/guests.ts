import { readFile } from 'node:fs/promises'
import wabt from 'wabt'

/** Kernels that stand for kinds of work; each is a WASI command that the interpreter
 *  takes some tenths of a second for. */
export const kernels = ['fib', 'sieve', 'matrix', 'hash', 'dispatch'] as const

/** Those that compiled code is measured on, and how often each does its work in one run: once would
 *  be over before it can be measured. */
export const compiledKernels = {
  fib: 40,
  sieve: 30,
  matrix: 200,
  hash: 40,
  dispatch: 30,
  queens: 400,
  vector: 200,
  'one-loop': 1,
} as const satisfies Record<string, number>

/** Compiles a guest of this folder from its text; it does its work `turns` times over. */
export async function guestModule(name: string, turns = 1): Promise<Uint8Array> {
  const file = new URL(`guests/${name}.wat`, import.meta.url)
  const text = await readFile(file, 'utf8')
  const tool = await wabt()
  const module = tool.parseWat(`${name}.wat`, turns === 1 ? text : repeated(text, turns), {
    bulk_memory: true,
  })
  const { buffer } = module.toBinary({})
  module.destroy()
  return buffer
}

/** Calls the command's function in a loop. */
function repeated(text: string, turns: number): string {
  const body = text.replace('(func (export "_start")', '(func $turn')
  return `${body.slice(0, body.lastIndexOf(')'))}
  (func (export "_start") (local $turns i32)
    (loop $again
      (call $turn)
      (br_if $again (i32.lt_u
        (local.tee $turns (i32.add (local.get $turns) (i32.const 1)))
        (i32.const ${turns}))))))`
}
