import { hex } from './text.js'
import { plainTheme, type Theme } from './theme.js'

/** Columns that a line of 16 bytes takes. */
const wideLine = 80

/**
 * Formats bytes as lines of an address, hex and ASCII. Equal lines in a row are shown once and then
 * as "*".
 */
export function hexdump(
  bytes: Uint8Array,
  address: bigint,
  columns: number = wideLine,
  theme: Theme = plainTheme,
): string {
  const width = columns >= wideLine ? 16 : 8
  const lines: string[] = []
  let before = ''
  for (let at = 0; at < bytes.length; at += width) {
    const line = bytes.subarray(at, at + width)
    const content = Buffer.from(line).toString('latin1')
    const isLast = at + width >= bytes.length
    if (content === before && !isLast && at > 0) {
      if (lines.at(-1) !== '*') lines.push('*')
      continue
    }
    before = content
    lines.push(formatLine(line, address + BigInt(at), width, theme))
  }
  return lines.join('\n')
}

function formatLine(line: Uint8Array, address: bigint, width: number, theme: Theme): string {
  const pairs = [...line].map((byte) => byte.toString(16).padStart(2, '0'))
  const half = width / 2
  const halves = [pairs.slice(0, half).join(' '), pairs.slice(half).join(' ')]
  const field = halves.map((text) => text.padEnd(half * 3 - 1)).join('  ')
  const shown = [...line].map((byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  )
  return `${theme.address(hex(address, 8))}  ${field}  |${shown.join('')}|`
}
