import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cachedFolder } from '../test/support/cache.js'
import { withCCompiler } from '../test/support/toolchains.js'

const folder = fileURLToPath(new URL('programs', import.meta.url))

/** Kernels in C, each a file of `programs/`. */
const names = [
  'axpy',
  'bintree',
  'copy',
  'crc32',
  'gemm',
  'hashmap',
  'jacobi',
  'lu',
  'mandelbrot',
  'nbody',
  'search',
  'sha256',
  'sort',
  'virtual',
  'vm',
] as const

/** Of those that depend on where their code lies: so many layouts, which count as one kernel. */
const layouts: Readonly<Partial<Record<(typeof names)[number], number>>> = { vm: 4 }

export interface ProgramKernel {
  readonly name: string
  /** Modules that differ in the place of the code only; one, mostly. */
  readonly modules: readonly string[]
}

/** Compiles the kernels that are written in C, as any program is: clang -O2, wasi-libc. */
export async function programKernels(): Promise<readonly ProgramKernel[]> {
  const variants = names.map((name) => ({ name, count: layouts[name] ?? 1 }))
  const at = await cachedFolder(`bench-programs-${digestOfSources()}`, (empty) =>
    withCCompiler(async (compile) => {
      for (const { name, count } of variants) {
        for (let layout = 0; layout < count; layout++) {
          const flags = ['-O2', '-s', `-DLAYOUT=${layout}`]
          await compile([join(folder, `${name}.c`)], flags, join(empty, `${name}-${layout}.wasm`))
        }
      }
    }),
  )
  return variants.map(({ name, count }) => ({
    name,
    modules: Array.from({ length: count }, (_, layout) => join(at, `${name}-${layout}.wasm`)),
  }))
}

function digestOfSources(): string {
  const hash = createHash('sha256')
  for (const file of ['kernel.h', ...names.map((name) => `${name}.c`)]) {
    hash.update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
