import { WasmshError } from '../errors.js'
import { sealJson, unsealJson } from './sealed-json.js'
import type { HostBinding } from './snapshot-entry.js'

/** Largest bindings.json that is read, in bytes. */
export const maxBindingsBytes = 4 * 1024 * 1024

/** Formats bindings.json: host paths, which stay on this host. */
export function formatBindings(bindings: readonly HostBinding[]): string {
  const plain = bindings.map(({ offset, ...binding }) => ({
    ...binding,
    ...(offset === undefined ? {} : { offset: `${offset}` }),
  }))
  return sealJson({ version: 1, bindings: plain })
}

/** Parses bindings.json. @throws WasmshError BINDINGS_INVALID */
export async function parseBindings(
  text: string,
  resource: string,
): Promise<readonly HostBinding[]> {
  const v = await import('valibot')
  const schema = v.strictObject({
    version: v.literal(1),
    bindings: v.array(
      v.strictObject({
        kind: v.picklist(['preopen', 'stdin', 'stdout', 'stderr']),
        fd: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
        guestPath: v.optional(v.string()),
        hostPath: v.pipe(v.string(), v.minLength(1)),
        offset: v.optional(v.pipe(v.string(), v.regex(/^\d{1,19}$/))),
      }),
    ),
  })
  const result = v.safeParse(schema, unsealJson(text))
  if (!result.success) {
    throw new WasmshError(
      'ERR_WASMSH_BINDINGS_INVALID',
      `${resource} was changed, or is not as this version writes it`,
    )
  }
  return result.output.bindings.map(({ kind, fd, hostPath, guestPath, offset }) => ({
    ...{ kind, fd, hostPath },
    ...(guestPath === undefined ? {} : { guestPath }),
    ...(offset === undefined ? {} : { offset: BigInt(offset) }),
  }))
}
