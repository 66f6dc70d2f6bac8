import type { PauseReason } from '../core/guest/events.js'
import type { Guest } from '../core/guest/guest.js'
import type { TypedValue } from '../core/guest/inspect.js'
import type { Module } from '../core/module.js'
import { type ExitStatus, exitCodes, statusOfGuest } from './exit-codes.js'
import { count, hex, printable } from './text.js'
import type { Theme } from './theme.js'

/** A place in a module. */
export interface Place {
  readonly function: number
  readonly name: string
  readonly pc: number
}

/** A call; compiled code does not always tell which of its function. */
export type CallPlace = Omit<Place, 'pc'> & { readonly pc: number | null }

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
  /** Where it stands; of a trap in compiled code, which leaves no frames, where it happened. */
  readonly place: CallPlace | null
  /** The calls that were in progress at such a trap, innermost first, as far as they are known. */
  readonly callers: readonly CallPlace[]
  /** Whether these are all, out to a function that the host has called. */
  readonly hasAllCallers: boolean
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
  return {
    guest: guest.name,
    state,
    exitCode,
    results: guest.results,
    reason,
    trap: trap?.reason ?? null,
    place: placeOf(guest, info?.frameCount ?? 0),
    callers: (trap?.callers ?? []).map((call) => ({
      function: call.function,
      name: guest.module.functionName(call.function),
      pc: call.pc,
    })),
    hasAllCallers: isCalledByHost(guest.module, trap?.callers.at(-1)?.function),
    hostCall: info?.hostCall ?? null,
    position: info?.position ?? null,
  }
}

function isCalledByHost({ description }: Module, index: number | undefined): boolean {
  if (index === undefined || index === description.start) return true
  return description.exports.some((one) => one.kind === 'function' && one.index === index)
}

function placeOf(guest: Guest, frames: number): CallPlace | null {
  const [innermost] = frames > 0 ? guest.frames(0, 1) : []
  if (innermost !== undefined) {
    const { function: index, name, pc } = innermost
    return { function: index, name, pc }
  }
  const { function: index, pc } = guest.trap ?? { function: null, pc: null }
  if (index === null) return null
  return { function: index, name: guest.module.functionName(index), pc }
}

/** "prime+0x1f". */
export function formatPlace({ name, pc }: Pick<CallPlace, 'name' | 'pc'>, theme: Theme): string {
  return `${theme.functionName(printable(name))}${pc === null ? '' : theme.address(`+${hex(pc)}`)}`
}

/** Callers that are shown in a line. */
const shownCallers = 4

/** "\n  called from main+0x12, _start+0x5"; nothing where the frames are there. */
function renderCallers({ callers, hasAllCallers }: GuestReport, theme: Theme): string {
  if (callers.length === 0) return ''
  const shown = callers.slice(0, shownCallers).map((place) => formatPlace(place, theme))
  const more = callers.length - shown.length
  const rest = more === 0 ? '' : theme.quiet(` and ${hasAllCallers ? '' : 'at least '}${more} more`)
  return `\n  ${theme.quiet('called from')} ${shown.join(', ')}${rest}`
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
      return `${name} ${theme.error('trapped')}: ${report.trap}${at}${after}${renderCallers(report, theme)}`
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
