import { basename } from 'node:path'
import { type GuestState, isFinal } from './guest-state.js'

/** Name for a guest of that file: without folder and ".wasm". */
export function defaultGuestName(file: string): string {
  const name = basename(file).replace(/\.wasm$/i, '')
  return name === '' ? 'guest' : name
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
