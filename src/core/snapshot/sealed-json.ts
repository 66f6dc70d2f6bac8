import { createHash } from 'node:crypto'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Formats JSON in the one form that the store writes and accepts: members sorted by name, two
 *  spaces of indentation, a line feed at the end. */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(sorted(value as Json), null, 2)}\n`
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(sorted)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Formats a document that carries the SHA-256 of its canonical form without that member, so that
 *  any change of a byte is found. */
export function sealJson(document: object): string {
  return canonicalJson({ ...document, sha256: digest(canonicalJson(document)) })
}

/** Opens what sealJson formatted; null when a byte is different. */
export function unsealJson(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text)
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return null
    const { sha256, ...document } = parsed as Record<string, unknown>
    const intact = sha256 === digest(canonicalJson(document)) && canonicalJson(parsed) === text
    return intact ? document : null
  } catch {
    // Not JSON, or nested so deeply that the stack ends: not ours in any case.
    return null
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
