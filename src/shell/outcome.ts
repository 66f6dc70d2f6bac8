import type { PauseReason } from '../core/guest/events.js'
import type { Guest } from '../core/guest/guest.js'
import type { TypedValue } from '../core/guest/inspect.js'
import { type ExitStatus, exitCodes, statusOfGuest } from './exit-codes.js'
import { count, hex, printable } from './text.js'
import type { Theme } from './theme.js'

/** A place in a module. */
export interface Place {
  readonly function: number
  readonly name: string
  readonly pc: number
}

/** How commands that wait for a guest found it. */
export interface GuestReport {
  readonly guest: string
  readonly state: Guest['state']
  /** Of an ended guest. */
  readonly exitCode: number | null
  /** What the export that it was to call has returned; empty for commands and until it ends. */
  readonly results: readonly TypedValue[]
  /** Of a paused guest. */
  readonly reason: PauseReason | null
  /** Of a trapped guest, as the specification's tests spell it. */
  readonly trap: string | null
  /** Where it stands. */
  readonly place: Place | null
  /** Host call that it is in. */
  readonly hostCall: string | null
  /** Instructions of the main thread so far; null when they are not counted. */
  readonly position: bigint | null
}

/** Describes how a guest is now. */
export function reportOf(guest: Guest): GuestReport {
  const { state, reason, trap, exitCode } = guest
  const isParked = state === 'paused' || state === 'trapped'
  const info = isParked ? guest.info() : null
  const [innermost] = isParked && info?.frameCount !== 0 ? guest.frames(0, 1) : []
  const { function: index, name, pc } = innermost ?? { function: -1, name: '', pc: 0 }
  return {
    guest: guest.name,
    state,
    exitCode,
    results: guest.results,
    reason,
    trap: trap?.reason ?? null,
    place: innermost === undefined ? null : { function: index, name, pc },
    hostCall: info?.hostCall ?? null,
    position: info?.position ?? null,
  }
}

/** "prime+0x1f". */
export function formatPlace(place: Place, theme: Theme): string {
  const name = theme.functionName(printable(place.name))
  return `${name}${theme.address(`+${hex(place.pc)}`)}`
}

function returned(results: readonly TypedValue[], theme: Theme): string {
  if (results.length === 0) return ''
  return `, returned ${results.map(({ type, text }) => `${type} ${theme.number(text)}`).join(', ')}`
}

/** One line that says how a guest is. */
export function renderReport(report: GuestReport, theme: Theme): string {
  const name = theme.guest(printable(report.guest))
  const at = report.place === null ? '' : ` at ${formatPlace(report.place, theme)}`
  const after = report.position === null ? '' : `, after ${count(report.position, 'instruction')}`
  switch (report.state) {
    case 'ended':
      return `${name} ended, exit code ${report.exitCode}${returned(report.results, theme)}`
    case 'trapped':
      return `${name} ${theme.error('trapped')}: ${report.trap}${at}${after}`
    case 'paused': {
      const call = report.hostCall === null ? '' : `, in host call ${report.hostCall}`
      const start = report.reason === 'entry' && report.position === 0n
      return `${name} paused${start ? ' before its first instruction' : ''}${at}${call}${start ? '' : after}`
    }
    case 'killed':
      return `${name} was killed`
    default:
      return `${name} is ${report.state}`
  }
}

/** What commands answer that are about one guest, or with --group about several. */
export type GroupReport = GuestReport | { readonly guests: readonly GuestReport[] }

export function renderGroup(report: GroupReport, theme: Theme): string {
  return 'guests' in report ? renderReports(report.guests, theme) : renderReport(report, theme)
}

/** Of a group, that of its last guest. */
export function statusOfGroup(report: GroupReport): ExitStatus | null {
  if (!('guests' in report)) return statusOfReport(report)
  const last = report.guests.at(-1)
  return last === undefined ? null : statusOfReport(last)
}

/** A line for each of several guests. */
export function renderReports(reports: readonly GuestReport[], theme: Theme): string {
  return reports.map((report) => renderReport(report, theme)).join('\n')
}

const sigkill = 9

/** Exit status that a guest's state stands for. */
export function statusOfReport(report: GuestReport): ExitStatus | null {
  switch (report.state) {
    case 'ended':
      return statusOfGuest(report.exitCode ?? 0)
    case 'trapped':
      return { code: exitCodes.trapped, by: 'guest' }
    case 'killed':
      return { code: exitCodes.signal + sigkill, by: 'wasmsh' }
    default:
      return null
  }
}
