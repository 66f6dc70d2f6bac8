import { basename } from 'node:path'
import { WasmshError } from '../errors.js'
import { namePattern } from '../snapshot/manifest.js'
import { type GuestState, isFinal } from './guest-state.js'

/** Snapshots are named after guests, with a number behind. */
const maxLength = 64

/** Name for a guest of that file: without folder and ".wasm", other characters as "-". */
export function defaultGuestName(file: string): string {
  const name = basename(file)
    .replace(/\.wasm$/i, '')
    .replaceAll(/[^\p{L}\p{N}._+@-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 48)
  return name === '' ? 'guest' : name
}

/** Checks a name that somebody chose: one word, so that commands and scripts need no quotes.
 *  @throws WasmshError ERR_WASMSH_GUEST_NAME */
export function requireGuestName(name: string): string {
  if (namePattern.test(name) && name.length <= maxLength) return name
  const shown = JSON.stringify(name.slice(0, 80))
  throw new WasmshError('ERR_WASMSH_GUEST_NAME', `${shown} cannot be the name of a guest`)
}

/** The name wanted, or with a number when a guest that has not ended is called so. */
export function freeGuestName(
  wanted: string,
  guests: ReadonlyMap<string, { readonly state: GuestState }>,
): string {
  const isFree = (name: string): boolean => {
    const guest = guests.get(name)
    return guest === undefined || isFinal(guest.state)
  }
  let name = wanted
  for (let number = 2; !isFree(name); number++) name = `${wanted}-${number}`
  return name
}
