import { readFileSync } from 'node:fs'

let version: string | undefined

/** Version of wasmsh, from its package.json. */
export function productVersion(): string {
  if (version !== undefined) return version
  // From src/core and from dist alike: the nearest package.json above is ours.
  for (const up of ['..', '../..']) {
    try {
      const text = readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8')
      const found: unknown = (JSON.parse(text) as { version?: unknown }).version
      if (typeof found === 'string') {
        version = found
        return found
      }
    } catch {
      // Not there: one further up.
    }
  }
  return '0.0.0'
}
