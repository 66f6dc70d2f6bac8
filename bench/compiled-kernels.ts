import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { BenchContext } from './bench.js'
import { guestFile } from './compare.js'
import { compiledKernels } from './guests.js'
import { type ProgramKernel, programKernels } from './programs.js'

/** Kernels in the text format and in C, and how long their code may be in different places. */
export async function allKernels(context: BenchContext): Promise<readonly ProgramKernel[]> {
  const texts = Object.entries(compiledKernels).map(async ([name, turns]) => ({
    name,
    modules: [await guestFile(context, name, turns)],
  }))
  return [...(await Promise.all(texts)), ...(await programsIfThere(context))]
}

async function programsIfThere(context: BenchContext): Promise<readonly ProgramKernel[]> {
  try {
    const kernels = await programKernels()
    const copyOf = async (from: string): Promise<string> => {
      const to = join(context.directory, basename(from))
      await copyFile(from, to)
      return to
    }
    return await Promise.all(
      kernels.map(async ({ name, modules }) => ({
        name,
        modules: await Promise.all(modules.map(copyOf)),
      })),
    )
  } catch (error) {
    context.note(`kernels in C are not measured: ${String(error).split('\n')[0]}`)
    return []
  }
}
