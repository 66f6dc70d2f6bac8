import { existsSync, mkdirSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Path below the folder for what tests fetch or compile: outside of the checkout, and kept. */
export function cachePath(...below: string[]): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(base, 'wasmsh', ...below)
}

/**
 * Makes a folder in the cache, unless it is there. `fill` gets an empty folder, which is renamed once
 * it is full: several processes may do so at once, and an end half-way leaves nothing behind that
 * could be mistaken for the whole.
 *
 * @returns path of the folder
 */
export async function cachedFolder(
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const path = cachePath(name)
  if (existsSync(path)) return path
  mkdirSync(dirname(path), { recursive: true })
  const folder = await mkdtemp(`${path}.`)
  try {
    await fill(folder)
    await rename(folder, path)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    // Another process was faster.
    if (!existsSync(path)) throw error
  }
  return path
}
