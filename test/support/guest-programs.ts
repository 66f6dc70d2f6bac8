import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileWat } from './wat.js'

/** Path of a guest's source in test/guests/. */
export function guestSource(name: string): string {
  return fileURLToPath(new URL(`../guests/${name}`, import.meta.url))
}

/** Compiles test/guests/NAME.wat. */
export async function textGuest(name: string): Promise<Uint8Array> {
  return await compileWat(readFileSync(guestSource(`${name}.wat`), 'utf8'))
}

/** A folder for what tests fetch or compile: outside of the checkout, and kept. */
export function cacheFolder(...below: string[]): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(base, 'wasmsh', ...below)
  mkdirSync(folder, { recursive: true })
  return folder
}
