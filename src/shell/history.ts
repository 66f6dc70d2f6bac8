import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { REPLServer } from 'node:repl'
import { promisify } from 'node:util'

/** Lines that are kept. */
export const historySize = 2000

/** Says whether a line may be kept: not one that begins with a blank, and not one that may set a
 *  variable of an environment, as an option or in JavaScript: that may be a secret. */
export function isKept(line: string): boolean {
  return !/^\s/.test(line) && !/(?:--env\b|(?:^|\s)-e\b|\benv\b).*=/s.test(line)
}

/**
 * Connects a prompt with the history file in the store's folder; node:repl creates it with mode
 * 0600. Without a folder to write to, the history lasts as long as the prompt.
 */
export async function openHistory(server: REPLServer, home: string): Promise<void> {
  server.on('history', (lines: string[]) => {
    const [latest] = lines
    if (latest !== undefined && !isKept(latest)) lines.shift()
  })
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    await promisify(server.setupHistory.bind(server))(join(home, 'history'))
  } catch {
    // A prompt without a history is better than none.
  }
}
