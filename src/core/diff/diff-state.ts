import { formatValue } from '../value/value.js'
import type { Descriptor, GuestEnvironment, Value, View } from '../wasm-view.js'
import type { Change, FieldDifference, SnapshotDiff, ValueDifference } from './diff-types.js'

/** Both lists side by side: an item is undefined where one list has none. */
export function pairs<Item>(
  a: readonly Item[] | undefined,
  b: readonly Item[] | undefined,
): readonly (readonly [Item | undefined, Item | undefined])[] {
  const length = Math.max(a?.length ?? 0, b?.length ?? 0)
  return Array.from({ length }, (_, index) => [a?.[index], b?.[index]] as const)
}

/** Values that differ in type, bits or presence. Locals that compiled code has dropped are left
 *  out: nobody can tell what they held. */
export function diffValues(
  a: readonly Value[] | undefined,
  b: readonly Value[] | undefined,
): readonly ValueDifference[] {
  return pairs(a, b).flatMap(([inA, inB], index) => {
    if (inA?.available === false || inB?.available === false) return []
    const isSame = inA?.type === inB?.type && inA?.bits === inB?.bits
    return isSame ? [] : [{ index, a: toText(inA), b: toText(inB) }]
  })
}

function toText(value: Value | undefined): { type: string; value: string } | null {
  if (value === undefined) return null
  return { type: value.type, value: formatValue(value.type, value.bits) }
}

export function diffGlobals(a: View, b: View): SnapshotDiff['globals'] {
  return pairs(a.instances, b.instances).flatMap(([inA, inB], instance) =>
    diffValues(inA?.globals, inB?.globals).map((difference) => ({ instance, ...difference })),
  )
}

export function diffTables(a: View, b: View, limit: number): SnapshotDiff['tables'] {
  return pairs(a.instances, b.instances).flatMap(([inA, inB], instance) =>
    pairs(inA?.tables, inB?.tables).flatMap(([tableA, tableB], table) => {
      const size = { a: tableA?.elements.length ?? null, b: tableB?.elements.length ?? null }
      const elements = diffElements(tableA?.elements ?? [], tableB?.elements ?? [], limit + 1)
      if (size.a === size.b && elements.length === 0) return []
      const truncated = elements.length > limit
      return [{ instance, table, size, elements: elements.slice(0, limit), truncated }]
    }),
  )
}

function diffElements(
  a: readonly bigint[],
  b: readonly bigint[],
  limit: number,
): (Change<number> & { readonly index: number })[] {
  const differences: (Change<number> & { readonly index: number })[] = []
  const length = Math.max(a.length, b.length)
  for (let index = 0; index < length && differences.length < limit; index++) {
    const inA = a[index]
    const inB = b[index]
    if (inA === inB) continue
    const toNumber = (bits: bigint | undefined) => (bits === undefined ? null : Number(bits))
    differences.push({ index, a: toNumber(inA), b: toNumber(inB) })
  }
  return differences
}

/** Fields as text; null where one has no such field. */
export function diffFields(
  a: Readonly<Record<string, unknown>> | undefined,
  b: Readonly<Record<string, unknown>> | undefined,
): readonly FieldDifference[] {
  const names = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])
  return [...names].flatMap((field) => {
    const inA = a === undefined ? null : fieldText(a[field])
    const inB = b === undefined ? null : fieldText(b[field])
    return inA === inB ? [] : [{ field, a: inA, b: inB }]
  })
}

function fieldText(field: unknown): string {
  if (field instanceof Uint8Array) return Buffer.from(field).toString('hex')
  if (typeof field === 'string') return field
  const text: string | undefined = JSON.stringify(field, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  return text ?? 'none'
}

export function diffDescriptors(a: View, b: View): SnapshotDiff['descriptors'] {
  const inA = new Map(a.descriptors.map((each) => [each.fd, each]))
  const inB = new Map(b.descriptors.map((each) => [each.fd, each]))
  const numbers = [...new Set([...inA.keys(), ...inB.keys()])].sort((x, y) => x - y)
  return numbers.flatMap((fd) => {
    const fields = diffFields(plainDescriptor(inA.get(fd)), plainDescriptor(inB.get(fd)))
    return fields.length === 0 ? [] : [{ fd, fields }]
  })
}

function plainDescriptor(one: Descriptor | undefined): Record<string, unknown> | undefined {
  if (one === undefined) return undefined
  const { fd: _, ...fields } = one
  return fields
}

/** All that belongs to the guest as a whole. */
export function diffEnvironment(a: View, b: View): readonly FieldDifference[] {
  const dropped = pairs(a.instances, b.instances).flatMap(([inA, inB], instance) =>
    diffFields(
      { droppedData: inA?.droppedData ?? [], droppedElements: inA?.droppedElements ?? [] },
      { droppedData: inB?.droppedData ?? [], droppedElements: inB?.droppedElements ?? [] },
    ).map((difference) => ({ ...difference, field: `instance ${instance} ${difference.field}` })),
  )
  const plain = (environment: GuestEnvironment) => ({ ...environment })
  return [...diffFields(plain(a.environment), plain(b.environment)), ...dropped]
}
