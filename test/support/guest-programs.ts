import { readFileSync } from 'node:fs'
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
