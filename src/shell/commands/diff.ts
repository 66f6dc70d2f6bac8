import type {
  Change,
  MemoryDifference,
  SnapshotDiff,
  ThreadDifference,
  ValueDifference,
} from '../../core/diff/diff-types.js'
import { defineCommand } from '../command.js'
import { count, hex, printable } from '../text.js'
import type { Theme } from '../theme.js'

export const diff = defineCommand<SnapshotDiff>({
  name: 'diff',
  group: 'Snapshots',
  summary: 'shows in what two snapshots differ',
  usage: ['diff A B'],
  arity: [2, 2],
  complete: ['snapshot', 'snapshot'],
  options: {
    limit: { type: 'string', value: 'N', summary: 'list at most N ranges of memory (100)' },
  },
  help: `Compares linear memory, globals, tables, frames with their locals and operands, open descriptors, arguments, environment and clocks. Values of A come first. With --json the exit code still is 0; "result.same" says whether they are the same.`,
  examples: ['diff before after'],
  run: (session, input) =>
    session.shell.store.diff(
      input.required(0),
      input.required(1),
      input.integer('limit', 1) ?? 100,
    ),
  render: (result, page) => renderDiff(result, page.theme),
})

function text<Value>(value: Value | null, format: (value: Value) => string): string {
  return value === null ? 'none' : format(value)
}

function change<Value>(
  both: Change<Value>,
  theme: Theme,
  format: (value: Value) => string = (value) => printable(String(value)),
): string {
  return `${theme.error(text(both.a, format))} -> ${theme.good(text(both.b, format))}`
}

function valueLine(what: string, value: ValueDifference, theme: Theme): string {
  return `${what} ${value.index}: ${change(value, theme, (one) => `${one.type} ${one.value}`)}`
}

/** Formats all differences, a line each, indented below what they belong to. */
export function renderDiff(result: SnapshotDiff, theme: Theme): string {
  if (result.same) return `${result.a.name} and ${result.b.name} are the same`
  const lines: string[] = []
  if (result.module !== null) lines.push(`module: ${change(result.module, theme)}`)
  for (const memory of result.memories) lines.push(...memoryLines(memory, theme))
  for (const global of result.globals) lines.push(valueLine('global', global, theme))
  for (const table of result.tables) {
    const { a, b } = table.size
    if (a !== b) lines.push(`table ${table.table}: size ${change(table.size, theme)}`)
    for (const element of table.elements) {
      const format = (index: number) => (index < 0 ? 'null' : `#${index}`)
      lines.push(`table ${table.table}[${element.index}]: ${change(element, theme, format)}`)
    }
    if (table.truncated) lines.push(`table ${table.table}: and more`)
  }
  for (const thread of result.threads) lines.push(...threadLines(thread, theme))
  for (const descriptor of result.descriptors) {
    for (const field of descriptor.fields) {
      lines.push(`descriptor ${descriptor.fd}: ${field.field} ${change(field, theme)}`)
    }
  }
  for (const field of result.other) lines.push(`${field.field}: ${change(field, theme)}`)
  return lines.join('\n')
}

function memoryLines(memory: MemoryDifference, theme: Theme): string[] {
  const name = `memory ${memory.memory}`
  const lines: string[] = []
  if (memory.bytes.a !== memory.bytes.b) lines.push(`${name}: size ${change(memory.bytes, theme)}`)
  if (memory.ranges.length === 0) return lines
  const bytes = memory.ranges.reduce((sum, { length }) => sum + length, 0n)
  const more = memory.truncated ? 'at least ' : ''
  const ranges = count(memory.ranges.length, 'range')
  lines.push(`${name}: ${more}${count(bytes, 'byte')} differ in ${ranges}`)
  for (const { address, length } of memory.ranges) {
    lines.push(`  ${theme.address(hex(address, 8))}  ${count(length, 'byte')}`)
  }
  return lines
}

function threadLines(thread: ThreadDifference, theme: Theme): string[] {
  const name = thread.thread === 0 ? 'main thread' : `thread ${thread.thread}`
  const lines: string[] = []
  if (thread.status !== null) lines.push(`${name}: ${change(thread.status, theme)}`)
  if (thread.position !== null) lines.push(`${name}: position ${change(thread.position, theme)}`)
  if (thread.depth !== null) lines.push(`${name}: frames ${change(thread.depth, theme)}`)
  if (thread.call !== null) lines.push(`${name}: host call ${change(thread.call, theme)}`)
  for (const frame of thread.frames) {
    const { a, b } = frame.function
    lines.push(`${name}, frame ${frame.depth} from the outermost:`)
    if (a !== b) lines.push(`  function ${change(frame.function, theme)}`)
    if (frame.pc.a !== frame.pc.b) lines.push(`  pc ${change(frame.pc, theme, hex)}`)
    for (const local of frame.locals) lines.push(`  ${valueLine('local', local, theme)}`)
    for (const operand of frame.operands) lines.push(`  ${valueLine('stack', operand, theme)}`)
  }
  return lines
}
