import { type Edit, type EditTarget, memoryTypes } from '../edit/edit.js'
import { formatTarget } from '../edit/edit-target.js'
import { formatMemoryValue, memoryTypeBytes, parseMemoryValue } from '../edit/memory-value.js'
import { WasmshError } from '../errors.js'
import type { NativeEdit } from '../native.js'
import { requireAddress, requireIndex } from '../range.js'
import { formatValue, parseInteger, parseValue } from '../value/value.js'
import {
  ask,
  type GuestHandle,
  mainThread,
  readElements,
  readFrame,
  readGlobals,
  readLocals,
  readOperands,
  readTables,
} from './guest-inspect.js'

/** A value as a person or a program gives it. Text of the target's type is parsed without loss;
 *  bytes are for targets in memory. */
export type EditValue = string | number | bigint | Uint8Array

/**
 * Changes one place of a parked guest. Type, range and (for `pc`) the function's validation are
 * checked first.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_TARGET, ERR_WASMSH_EDIT_VALUE, ERR_WASMSH_EDIT_RANGE,
 *   ERR_WASMSH_GUEST_NOT_PAUSED
 */
export function applyEdit(guest: GuestHandle, target: EditTarget, value: EditValue): Edit {
  switch (target.kind) {
    case 'local':
    case 'operand':
      return editSlot(guest, target, toText(value))
    case 'global':
      return editGlobal(guest, target.index, toText(value))
    case 'table':
      return editTable(guest, target.table, target.index, toText(value))
    case 'memory':
    case 'bytes':
      return editMemory(guest, target, value)
    case 'pc':
      return editPc(guest, toText(value))
    default:
      return unknownPlace(guest, 'This names no place in a guest')
  }
}

function toText(value: EditValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'number') {
    throw new WasmshError('ERR_WASMSH_EDIT_VALUE', 'Bytes can only be written to memory')
  }
  return Object.is(value, -0) ? '-0' : String(value)
}

function send(guest: GuestHandle, edit: NativeEdit): bigint | Uint8Array {
  return ask(guest, (id) => guest.engine.edit(id, edit))
}

function unknownPlace(guest: GuestHandle, message: string): never {
  throw new WasmshError('ERR_WASMSH_EDIT_TARGET', message, { guest: guest.name })
}

function editSlot(
  guest: GuestHandle,
  target: Extract<EditTarget, { kind: 'local' | 'operand' }>,
  text: string,
): Edit {
  const number = target.frame ?? 0
  const frame = readFrame(guest, number)
  const isLocal = target.kind === 'local'
  const slots = isLocal ? readLocals(guest, number) : readOperands(guest, number)
  const index =
    typeof target.index === 'number'
      ? target.index
      : readLocals(guest, number).findIndex((local) => local.name === target.index)
  const slot = slots[index]
  if (slot === undefined) {
    const what = isLocal ? 'locals' : 'operands'
    return unknownPlace(
      guest,
      `There is no ${formatTarget(target)}: ${frame.name} has ${slots.length} ${what} here`,
    )
  }
  const bits = parseValue(slot.type, text)
  send(guest, { kind: target.kind, thread: mainThread, frame: number, index, bits })
  return {
    target: formatTarget({ ...target, index }),
    type: slot.type,
    old: slot.text,
    new: formatValue(slot.type, bits),
    frame: number,
    function: frame.function,
  }
}

function editGlobal(guest: GuestHandle, which: number | string, text: string): Edit {
  const index = guest.module.findGlobal(which)
  const global = readGlobals(guest)[index]
  if (global === undefined) return unknownPlace(guest, `There is no global ${which}`)
  const bits = parseValue(global.type, text)
  send(guest, { kind: 'global', index, bits })
  const after = formatValue(global.type, bits)
  return { target: `global ${index}`, type: global.type, old: global.text, new: after }
}

function editTable(guest: GuestHandle, table: number, index: number, text: string): Edit {
  const info = readTables(guest)[requireIndex(table, 'A table')]
  if (info === undefined) return unknownPlace(guest, `There is no table ${table}`)
  if (requireIndex(index, 'An element') >= info.size) {
    return unknownPlace(guest, `Table ${table} has ${info.size} elements; there is no ${index}`)
  }
  const bits = parseValue('funcref', resolveReference(guest, text))
  const [before] = readElements(guest, table, index, 1)
  send(guest, { kind: 'table', table, index, bits })
  return {
    target: `table ${table}[${index}]`,
    type: 'funcref',
    old: before?.function === null || before === undefined ? 'null' : String(before.function),
    new: formatValue('funcref', bits),
  }
}

/** A function may be given by its name too. */
function resolveReference(guest: GuestHandle, text: string): string {
  const trimmed = text.trim()
  return trimmed === 'null' ? trimmed : String(guest.module.findFunction(trimmed))
}

function editMemory(
  guest: GuestHandle,
  target: Extract<EditTarget, { kind: 'memory' | 'bytes' }>,
  value: EditValue,
): Edit {
  if (target.kind === 'memory' && !memoryTypes.includes(target.type)) {
    return unknownPlace(guest, `There is no type ${String(target.type)} in memory`)
  }
  const bytes = toBytes(target, value)
  const address = requireAddress(target.address)
  const before = send(guest, { kind: 'memory', memory: 0, address, bytes })
  const old = before instanceof Uint8Array ? before : new Uint8Array(bytes.length)
  const format = (content: Uint8Array): string =>
    target.kind === 'memory'
      ? formatMemoryValue(target.type, content)
      : Buffer.from(content).toString('hex')
  return {
    target: formatTarget(target),
    type: target.kind === 'memory' ? target.type : 'bytes',
    old: format(old),
    new: format(bytes),
  }
}

function toBytes(
  target: Extract<EditTarget, { kind: 'memory' | 'bytes' }>,
  value: EditValue,
): Uint8Array {
  if (target.kind === 'memory') {
    if (!(value instanceof Uint8Array)) return parseMemoryValue(target.type, toText(value))
    if (value.length === memoryTypeBytes(target.type)) return value
    const wanted = memoryTypeBytes(target.type)
    throw new WasmshError('ERR_WASMSH_EDIT_VALUE', `${target.type} takes ${wanted} bytes`)
  }
  if (value instanceof Uint8Array) return value
  const hex = toText(value).replace(/^0x/i, '').replaceAll(/\s/g, '')
  if (/^([0-9a-f]{2})+$/i.test(hex)) return Uint8Array.from(Buffer.from(hex, 'hex'))
  throw new WasmshError('ERR_WASMSH_EDIT_VALUE', 'Bytes are written as pairs of hex digits')
}

function editPc(guest: GuestHandle, text: string): Edit {
  const frame = readFrame(guest, 0)
  const pc = Number(parseInteger(text.trim(), 32, 'pc'))
  send(guest, { kind: 'pc', thread: mainThread, pc })
  return {
    target: 'pc',
    type: 'pc',
    old: String(frame.pc),
    new: String(pc),
    frame: 0,
    function: frame.function,
  }
}
