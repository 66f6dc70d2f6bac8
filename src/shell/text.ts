import { stripVTControlCharacters } from 'node:util'

/** Characters that could move the cursor, change colours or end a line. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Makes text from a guest, a module or a file safe for a terminal: escapes what is not to be seen. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    const code = character.codePointAt(0) ?? 0
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** Columns that text takes on a terminal, colours left out. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    const code = character.codePointAt(0) ?? 0
    width += isWide(code) ? 2 : 1
  }
  return width
}

/** East Asian wide characters and emoji, as cli-table3's string-width counts them. */
function isWide(code: number): boolean {
  return (
    code >= 0x1100 &&
    (code <= 0x115f ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0xffe0 && code <= 0xffe6) ||
      (code >= 0x1f300 && code <= 0x1faff) ||
      (code >= 0x20000 && code <= 0x3fffd))
  )
}

/** "1 frame", "2 frames". */
export function count(number: number | bigint, noun: string, plural = `${noun}s`): string {
  return `${number} ${Number(number) === 1 ? noun : plural}`
}

/** "512 B", "64 KiB", "1.5 MiB". */
export function formatBytes(bytes: number | bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = Number(bytes)
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const digits = Number.isInteger(value) ? 0 : value < 10 ? 2 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** "250 ns", "1.5 ms", "2.25 s" of nanoseconds. */
export function formatTime(ns: bigint | number): string {
  const value = Number(ns)
  if (value < 1e3) return `${value} ns`
  if (value < 1e6) return `${trimmed(value / 1e3)} us`
  if (value < 1e9) return `${trimmed(value / 1e6)} ms`
  return `${trimmed(value / 1e9)} s`
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(value >= 100 ? 4 : 3)))
}

/** "0x0010" with at least `digits` digits. */
export function hex(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`
}

/** Breaks text into lines of at most `width` columns, at blanks; keeps the lines it has. */
export function wrap(text: string, width: number, indent = ''): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width, indent))
    .join('\n')
}

/** Breaks a line of code behind commas and bars, and in front of its result, into lines of at most `width` columns
 *  where that can be; those behind the first are indented. */
export function fold(line: string, width: number, indent: string): readonly string[] {
  const lines: string[] = []
  let current = ''
  for (const piece of line.split(/(?<=, |\|)|(?= = )/)) {
    const isFull = widthOf((current + piece).trimEnd()) > width
    if (!isFull || current.trim() === '') {
      current += piece
      continue
    }
    lines.push(current.trimEnd())
    current = indent + piece.trimStart()
  }
  return [...lines, current]
}

function wrapLine(line: string, width: number, indent: string): string {
  if (line.startsWith('  ')) return line === '' ? '' : indent + line
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`
    if (widthOf(indent + longer) > width && current !== '') {
      lines.push(indent + current)
      current = word
    } else current = longer
  }
  if (current !== '') lines.push(indent + current)
  return lines.join('\n')
}
