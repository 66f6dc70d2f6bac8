import type { Edit, EditTarget } from '../core/edit/edit.js'
import { formatTarget } from '../core/edit/edit-target.js'
import { formatMemoryValue, memoryTypeBytes, parseMemoryValue } from '../core/edit/memory-value.js'
import { WasmshError } from '../core/errors.js'
import type { Store } from '../core/store/store.js'
import { formatValue, parseInteger, parseValue } from '../core/value/value.js'
import { type Inspection, inspectSnapshot } from './inspection.js'
import type { Session } from './session.js'

type StoredEdit = Parameters<Store['setStored']>[1]

interface Prepared {
  readonly edit: StoredEdit
  readonly done: Edit
}

/**
 * Writes a child of a stored snapshot with one change. The store validates the whole state with it.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_TARGET, ERR_WASMSH_EDIT_VALUE and those of the store
 */
export async function setStored(
  session: Session,
  snapshot: string,
  target: EditTarget,
  value: string,
  name: string | undefined,
): Promise<Edit & { readonly snapshot: string }> {
  const inspection = await inspectSnapshot(session, snapshot)
  const { edit, done } = await prepare(inspection, target, value)
  const entry = await session.shell.store.setStored(snapshot, edit, {
    ...(name === undefined ? {} : { name }),
    target: formatTarget(target),
  })
  return { ...done, snapshot: entry.name }
}

async function prepare(
  inspection: Inspection,
  target: EditTarget,
  value: string,
): Promise<Prepared> {
  switch (target.kind) {
    case 'local':
    case 'operand':
      return prepareSlot(inspection, target, value)
    case 'global':
      return prepareGlobal(inspection, target.index, value)
    case 'table':
      return prepareElement(inspection, target, value)
    case 'memory':
    case 'bytes':
      return await prepareMemory(inspection, target, value)
    case 'pc': {
      const [frame] = inspection.frames(0, 1)
      const pc = Number(parseInteger(value.trim(), 32, 'pc'))
      const done = {
        target: 'pc',
        type: 'pc',
        old: String(frame?.pc ?? ''),
        new: String(pc),
      } as const
      return { edit: { kind: 'pc', thread: 0, pc }, done }
    }
  }
}

function unknownPlace(inspection: Inspection, target: EditTarget): never {
  throw new WasmshError(
    'ERR_WASMSH_EDIT_TARGET',
    `There is no ${formatTarget(target)} in snapshot "${inspection.label}"`,
  )
}

function prepareSlot(
  inspection: Inspection,
  target: Extract<EditTarget, { kind: 'local' | 'operand' }>,
  value: string,
): Prepared {
  const frame = target.frame ?? 0
  const locals = inspection.locals(frame)
  const slots = target.kind === 'local' ? locals : inspection.operands(frame)
  const { index: which } = target
  const index =
    typeof which === 'number' ? which : locals.findIndex((local) => local.name === which)
  const slot = slots[index]
  if (slot === undefined) return unknownPlace(inspection, target)
  const bits = parseValue(slot.type, value)
  return {
    edit: { kind: target.kind, thread: 0, frame, index, bits },
    done: {
      target: formatTarget({ ...target, index }),
      type: slot.type,
      old: slot.text,
      new: formatValue(slot.type, bits),
      frame,
    },
  }
}

function prepareGlobal(inspection: Inspection, which: number | string, value: string): Prepared {
  const index = inspection.module.findGlobal(which)
  const global = inspection.globals()[index]
  if (global === undefined) return unknownPlace(inspection, { kind: 'global', index })
  const bits = parseValue(global.type, value)
  const after = formatValue(global.type, bits)
  return {
    edit: { kind: 'global', index, bits },
    done: { target: `global ${index}`, type: global.type, old: global.text, new: after },
  }
}

function prepareElement(
  inspection: Inspection,
  target: Extract<EditTarget, { kind: 'table' }>,
  value: string,
): Prepared {
  const { table, index } = target
  const [before] = inspection.tableElements(table, index, 1)
  if (before === undefined) return unknownPlace(inspection, target)
  const text = value.trim()
  const named = text === 'null' ? text : String(inspection.module.findFunction(text))
  const bits = parseValue('funcref', named)
  const old = before.function === null ? 'null' : String(before.function)
  return {
    edit: { kind: 'table', table, index, bits },
    done: { target: formatTarget(target), type: 'funcref', old, new: formatValue('funcref', bits) },
  }
}

async function prepareMemory(
  inspection: Inspection,
  target: Extract<EditTarget, { kind: 'memory' | 'bytes' }>,
  value: string,
): Promise<Prepared> {
  const { address } = target
  const bytes = target.kind === 'memory' ? parseMemoryValue(target.type, value) : parseBytes(value)
  const length = target.kind === 'memory' ? memoryTypeBytes(target.type) : bytes.length
  if (address + BigInt(length) > BigInt(inspection.memoryBytes())) {
    return unknownPlace(inspection, target)
  }
  const before = await inspection.readMemory(address, length)
  const format = (content: Uint8Array): string =>
    target.kind === 'memory'
      ? formatMemoryValue(target.type, content)
      : Buffer.from(content).toString('hex')
  const type = target.kind === 'memory' ? target.type : 'bytes'
  return {
    edit: { kind: 'memory', memory: 0, address, bytes },
    done: { target: formatTarget(target), type, old: format(before), new: format(bytes) },
  }
}

function parseBytes(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, '').replaceAll(/\s/g, '')
  if (/^(?:[\da-f]{2})+$/i.test(digits)) return Uint8Array.from(Buffer.from(digits, 'hex'))
  throw new WasmshError('ERR_WASMSH_EDIT_VALUE', 'Bytes are written as pairs of hex digits')
}
