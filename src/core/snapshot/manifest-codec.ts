import { WasmshError } from '../errors.js'
import { formatVersion, type Manifest } from './manifest.js'
import { sealJson, unsealJson } from './sealed-json.js'

/** Largest manifest that is read, in bytes. */
export const maxManifestBytes = 16 * 1024 * 1024

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
