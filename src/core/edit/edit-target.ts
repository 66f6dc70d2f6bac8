import { WasmshError } from '../errors.js'
import { type EditTarget, memoryTypes } from './edit.js'

/**
 * Parses the text of a target: "local 3", "local count", "stack 0", "global 1", "global $sp",
 * "table 0[2]", "u32[0x100]", "bytes[256]", "pc". Locals and operands belong to `frame`.
 *
 * @throws WasmshError ERR_WASMSH_EDIT_TARGET
 */
export function parseTarget(text: string, frame = 0): EditTarget {
  const trimmed = text.trim()
  if (trimmed === 'pc') return { kind: 'pc' }
  const place = /^(\w+)\s*(\d*)\s*\[\s*(0x[0-9a-f]{1,16}|\d{1,20})\s*\]$/i.exec(trimmed)
  if (place !== null) {
    const target = parsePlace(place[1] ?? '', place[2] ?? '', place[3] ?? '')
    if (target !== null) return target
  }
  const item = /^(local|stack|operand|global)\s+(\S.*)$/.exec(trimmed)
  const index = item === null ? null : parseIndex(item[2] ?? '')
  if (item === null || index === null) return refuse(trimmed)
  if (item[1] === 'global') return { kind: 'global', index }
  if (item[1] === 'local') return { kind: 'local', index, frame }
  return typeof index === 'number' ? { kind: 'operand', index, frame } : refuse(trimmed)
}

function parsePlace(word: string, number: string, inside: string): EditTarget | null {
  const address = BigInt(inside)
  if (word === 'table') {
    if (address > 0xffffffffn) return null
    return { kind: 'table', table: Number(number === '' ? '0' : number), index: Number(address) }
  }
  if (number !== '') return null
  if (word === 'bytes') return { kind: 'bytes', address }
  const type = memoryTypes.find((name) => name === word)
  return type === undefined ? null : { kind: 'memory', type, address }
}

/** A number, or a name without its "$"; null when it is neither. */
function parseIndex(text: string): number | string | null {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  const name = text.replace(/^\$/, '')
  return name === '' || /^\d/.test(text) ? null : name
}

/** A number, or a name with a "$" where it could be mistaken without one. */
function formatIndex(index: number | string): string {
  return typeof index === 'string' && /^[\s\d$]/.test(index) ? `$${index}` : `${index}`
}

function refuse(text: string): never {
  throw new WasmshError('ERR_WASMSH_EDIT_TARGET', `"${text}" names no place in a guest`)
}

/** Formats a target; parseTarget reads it again (the frame apart). */
export function formatTarget(target: EditTarget): string {
  switch (target.kind) {
    case 'local':
    case 'global':
      return `${target.kind} ${formatIndex(target.index)}`
    case 'operand':
      return `stack ${target.index}`
    case 'table':
      return `table ${target.table}[${target.index}]`
    case 'memory':
      return `${target.type}[0x${target.address.toString(16)}]`
    case 'bytes':
      return `bytes[0x${target.address.toString(16)}]`
    case 'pc':
      return 'pc'
  }
}
