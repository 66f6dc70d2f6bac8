import { inspect } from 'node:util'
import { isNativeError } from 'node:util/types'
import { WasmshError } from '../core/errors.js'
import { Guest } from '../core/guest/guest.js'
import { JavaScriptError, type LineOutcome } from './execute.js'
import { describeError, type ErrorReport } from './json.js'
import { renderReport, reportOf } from './outcome.js'
import { type LinePlace, PlacedError } from './place.js'
import type { Session } from './session.js'
import { printable } from './text.js'
import type { Theme } from './theme.js'

/** Prints what a line came to, for people or as JSON. */
export async function presentOutcome(session: Session, line: LineOutcome): Promise<void> {
  const { output } = session
  if (line.kind === 'empty') return
  if (line.kind === 'javascript') {
    if (line.value === undefined || session.isQuiet) return
    if (output.isJson) output.json({ command: null, result: line.value })
    else output.result(formatValue(session, line.value))
    return
  }
  const { command, outcome } = line
  if (output.isJson || line.isJson) {
    output.json({ command: command.name, result: outcome.value })
  } else if (!session.isQuiet || command.name === 'echo') {
    output.result(await outcome.render(session.page))
  }
}

function formatValue(session: Session, value: unknown): string {
  if (value instanceof Guest) return renderReport(reportOf(value), session.output.theme)
  const formatted = formatByPlugin(session, value)
  if (formatted !== null) return formatted
  return inspect(value, {
    colors: session.output.theme.isColored,
    breakLength: session.output.columns,
    depth: 4,
    maxArrayLength: 100,
    maxStringLength: 10_000,
  })
}

/** As the plugin that knows such values shows them; null when none does, or when it fails. */
function formatByPlugin(session: Session, value: unknown): string | null {
  for (const { formatters } of session.shell.plugins.all()) {
    for (const formatter of formatters?.values ?? []) {
      try {
        if (formatter.accepts(value)) return formatter.format(value, session.page)
      } catch {
        // The value is there all the same.
      }
    }
  }
  return null
}

/** Prints an error: one line, a hint, and with --debug where it came from. */
export function presentError(session: Session, error: unknown): void {
  const { thrown, place } = unwrap(error)
  const report = reportError(error)
  const { output } = session
  if (output.isJson) {
    const where = place === null ? {} : { file: place.file, line: place.line }
    output.json({ error: { ...report, ...where } })
    return
  }
  output.note(formatError(report, place, output.errorTheme))
  if (session.isDebug) output.note(stackOf(thrown))
}

/** Describes anything that a line may throw. */
export function reportError(error: unknown): ErrorReport {
  const { thrown, isJavaScript } = unwrap(error)
  return describeError(thrown, isJavaScript ? 'ERR_WASMSH_JAVASCRIPT_THREW' : undefined)
}

/** "script.wsh:3: error[CODE]: sentence", a line for each of several problems, and one with the
 *  hint. */
export function formatError(report: ErrorReport, place: LinePlace | null, theme: Theme): string {
  const where = place === null ? '' : `${printable(place.file)}:${place.line}: `
  const head = `${where}${theme.error(`error[${report.code}]:`)} ${printable(report.message)}`
  const lines = (report.problems ?? []).flatMap(({ resource, reason, hint }) => [
    `  ${printable(resource)} ${printable(reason)}`,
    ...(hint === '' ? [] : [`    ${theme.hint('hint:')} ${printable(hint)}`]),
  ])
  const hint = report.hint === '' ? [] : [`${theme.hint('hint:')} ${printable(report.hint)}`]
  return [head, ...lines, ...hint].join('\n')
}

function unwrap(error: unknown): {
  thrown: unknown
  place: LinePlace | null
  isJavaScript: boolean
} {
  const isPlaced = error instanceof PlacedError
  const inner = isPlaced ? error.thrown : error
  const place = isPlaced ? error.place : null
  return inner instanceof JavaScriptError
    ? { thrown: inner.thrown, place, isJavaScript: !(inner.thrown instanceof WasmshError) }
    : { thrown: inner, place, isJavaScript: false }
}

function stackOf(thrown: unknown): string {
  if (!isNativeError(thrown)) return inspect(thrown)
  const { cause } = thrown as { cause?: unknown }
  const stack = thrown.stack ?? String(thrown)
  return cause === undefined ? stack : `${stack}\ncaused by ${stackOf(cause)}`
}
