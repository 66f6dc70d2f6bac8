import { readFile } from 'node:fs/promises'
import wabt from 'wabt'

/** Kernels that stand for kinds of work; each is a WASI command of about half a second. */
export const kernels = ['fib', 'sieve', 'matrix', 'hash', 'dispatch'] as const

/** Compiles a guest of this folder from its text. */
export async function guestModule(name: string): Promise<Uint8Array> {
  const file = new URL(`guests/${name}.wat`, import.meta.url)
  const tool = await wabt()
  const module = tool.parseWat(`${name}.wat`, await readFile(file, 'utf8'), { bulk_memory: true })
  const { buffer } = module.toBinary({})
  module.destroy()
  return buffer
}
