import type { Guest } from '../guest/guest.js'

/** A guest and all that share resources with it, directly or through others; in the order of
 *  `guests`. */
export function groupOf(guest: Guest, guests: readonly Guest[]): readonly Guest[] {
  const byName = new Map(guests.map((one) => [one.name, one]))
  const found = new Set<Guest>()
  const waiting = [guest]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    for (const name of next.peers()) {
      const peer = byName.get(name)
      if (peer !== undefined) waiting.push(peer)
    }
  }
  return guests.filter((one) => found.has(one))
}
