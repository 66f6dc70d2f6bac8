import { type CommandInfo, commandGroups, commonOptions } from './command.js'
import type { Page } from './page.js'
import { wrap } from './text.js'

const indent = '  '

/** Formats the manual page of a command. */
export function renderHelp(command: CommandInfo, page: Page): string {
  const { theme } = page
  const width = Math.min(page.columns, 100)
  const sections = [
    `${theme.command(command.name)} ${theme.quiet('-')} ${command.summary}`,
    section('USAGE', command.usage.map((usage) => indent + usage).join('\n'), page),
    section('DESCRIPTION', wrap(command.help, width, indent), page),
    section('OPTIONS', formatOptions(command, page, width), page),
  ]
  if (command.examples.length > 0) {
    const lines = command.examples.map((example) => indent + theme.command(example))
    sections.push(section('EXAMPLES', lines.join('\n'), page))
  }
  return sections.join('\n\n')
}

function section(title: string, body: string, page: Page): string {
  return `${page.theme.heading(title)}\n${body}`
}

/** One option a paragraph: how it is written, then what it does, hanging where there is room. */
function formatOptions(command: CommandInfo, page: Page, width: number): string {
  const entries = Object.entries({ ...command.options, ...commonOptions }).map(([name, spec]) => {
    const short = spec.short === undefined ? '    ' : `-${spec.short}, `
    const value = spec.value === undefined ? '' : ` ${spec.value}`
    return { usage: `${short}--${name}${value}`, summary: spec.summary }
  })
  const longest = Math.max(...entries.map(({ usage }) => usage.length))
  const column = Math.min(longest, 30) + 4
  return entries
    .map(({ usage, summary }) => {
      const text = wrap(summary, Math.max(30, width - column))
        .split('\n')
        .join(`\n${' '.repeat(column)}`)
      const head = `${indent}${page.theme.command(usage)}`
      const isLong = usage.length + 4 > column
      return isLong
        ? `${head}\n${' '.repeat(column)}${text}`
        : `${head}${' '.repeat(column - usage.length - 2)}${text}`
    })
    .join('\n')
}

/** Formats the list of all commands in groups, and of the topics. */
export function renderOverview(
  commands: Iterable<CommandInfo>,
  topics: readonly { readonly name: string; readonly summary: string }[],
  page: Page,
): string {
  const all = [...commands]
  const longest = Math.max(
    ...all.map(({ name }) => name.length),
    ...topics.map(({ name }) => name.length),
  )
  const entry = ({ name, summary }: { name: string; summary: string }) => {
    const text = wrap(summary, Math.max(30, page.columns - longest - 4))
      .split('\n')
      .join(`\n${' '.repeat(longest + 4)}`)
    return `${indent}${page.theme.command(name.padEnd(longest))}  ${text}`
  }
  const sections = commandGroups.flatMap((group) => {
    const inGroup = all.filter((command) => command.group === group)
    return inGroup.length === 0 ? [] : [section(group, inGroup.map(entry).join('\n'), page)]
  })
  sections.push(section('Topics', topics.map(entry).join('\n'), page))
  sections.push(
    wrap(
      '"help NAME" or "NAME --help" has the manual page of a command or a topic. Every other line is JavaScript.',
      page.columns,
    ),
  )
  return sections.join('\n\n')
}
