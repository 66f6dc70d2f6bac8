import { createHash } from 'node:crypto'
import { WasmshError } from './errors.js'

/** Version of the snapshot format, apart from the product's: equal major, minor not greater. */
export const formatVersion = '1.0'

/** Largest manifest that is read, in bytes. */
export const maxManifestBytes = 16 * 1024 * 1024

/** File of a snapshot: its size and, for all but memory images, its SHA-256 in hex. Images are
 *  covered by the checksums of blocks in their index file. */
export interface ManifestFile {
  readonly bytes: number
  readonly sha256?: string
}

/** A linear memory. `images[0]` is the snapshot's own; extents of the index name them by number. */
export interface ManifestMemory {
  /** Size of the linear memory. */
  readonly bytes: number
  readonly index: string
  readonly images: readonly { readonly snapshot: string; readonly file: string }[]
}

/** A connection to the outside, as the guest sees it. Where it leads on this host is in
 *  bindings.json. */
export interface ManifestBinding {
  readonly kind: 'preopen' | 'stdin' | 'stdout' | 'stderr'
  readonly fd: number
  /** Of preopens. */
  readonly guestPath?: string
  /** Of standard streams. */
  readonly stream?: 'pipe' | 'terminal' | 'file' | 'null'
}

/** A change that somebody made to the guest or to the stored snapshot. */
export interface ManifestEdit {
  readonly target: string
  readonly type: string
  readonly old: string
  readonly new: string
  readonly frame?: number
  readonly function?: number
}

/** manifest.json without its own digest; docs/snapshot-format.md describes each field. */
export interface Manifest {
  readonly format: string
  readonly wasmsh: string
  /** UUID; also the token by which native code knows the snapshot. */
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly guest: { readonly name: string; readonly file: string }
  readonly engine: 'interp'
  readonly wamr: string
  readonly module: { readonly sha256: string; readonly bytes: number }
  /** Of the main thread. */
  readonly status: 'running' | 'host-call' | 'atomic-wait' | 'trapped'
  /** Instructions executed by the main thread, decimal, where they were counted. */
  readonly position: string | null
  readonly state: string
  readonly memories: readonly ManifestMemory[]
  readonly parent: string | null
  readonly needs: { readonly engine: 'any' | 'interp' }
  readonly plugins: readonly ManifestPlugin[]
  readonly bindings: readonly ManifestBinding[]
  readonly edits: readonly ManifestEdit[]
  readonly files: Readonly<Record<string, ManifestFile>>
}

/** State of a resource class, written by its plugin. */
export interface ManifestPlugin {
  readonly name: string
  readonly stateVersion: number
  readonly file: string
}

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

/** Formats manifest.json. */
export function formatManifest(manifest: Manifest): string {
  return sealJson(manifest)
}

/**
 * Parses manifest.json of an untrusted snapshot.
 * @throws WasmshError SNAPSHOT_FORMAT for another version, SNAPSHOT_CORRUPT for all else.
 */
export async function parseManifest(text: string, resource: string): Promise<Manifest> {
  if (text.length > maxManifestBytes) {
    throw new WasmshError('ERR_WASMSH_SNAPSHOT_CORRUPT', `${resource} is larger than 16 MiB`)
  }
  requireVersion(text, resource)
  const document = unsealJson(text)
  if (document === null) {
    throw new WasmshError(
      'ERR_WASMSH_SNAPSHOT_CORRUPT',
      `${resource} does not match the digest that it carries`,
    )
  }
  const { checkManifest } = await import('./manifest-schema.js')
  return checkManifest(document, resource)
}

/** Before the digest, since another version may compute that in another way. */
function requireVersion(text: string, resource: string): void {
  let format: unknown
  try {
    format = (JSON.parse(text) as { format?: unknown } | null)?.format
  } catch {
    return
  }
  const version = typeof format === 'string' ? /^(\d{1,4})\.(\d{1,4})$/.exec(format) : null
  const [major, minor] = formatVersion.split('.').map(Number)
  if (version === null) return
  if (Number(version[1]) !== major || Number(version[2]) > (minor ?? 0)) {
    throw new WasmshError(
      'ERR_WASMSH_SNAPSHOT_FORMAT',
      `${resource} has format ${format}; this wasmsh reads ${major}.0 to ${formatVersion}`,
    )
  }
}
