import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

const folder = '/proc/self/fd'

/** What each open descriptor of this process is open on, by its number. */
type OpenDescriptors = ReadonlyMap<string, string>

/** The descriptors of this process that are open now. */
export function openDescriptors(): OpenDescriptors {
  const open = new Map<string, string>()
  for (const number of readdirSync(folder)) {
    try {
      open.set(number, readlinkSync(join(folder, number)))
    } catch {
      // The descriptor that listed the folder is closed again.
    }
  }
  return open
}

/**
 * What is open now and was not then, as "number -> target". Node closes descriptors of its own
 * whenever it likes, so comparing how many there are would fail now and then.
 */
export function openedSince(before: OpenDescriptors): string[] {
  return [...openDescriptors()]
    .filter(([number, target]) => before.get(number) !== target)
    .map(([number, target]) => `${number} -> ${target}`)
}
