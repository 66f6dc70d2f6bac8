import type { Callee, StablePoint, StablePoints } from '../../core/aot/stable-points.js'
import type { Module } from '../../core/module.js'
import { readProfile } from '../../core/profile/profile.js'
import type { Arguments } from '../arguments.js'
import { inspectSnapshot, parseSubject, subjectOf } from '../inspection.js'
import type { Page } from '../page.js'
import type { Session } from '../session.js'
import { count, hex, printable } from '../text.js'

/** Points that are shown without being asked for more. */
const shownPoints = 100

export interface ListedPoint extends Pick<StablePoint, 'pc' | 'kind' | 'live' | 'operands'> {
  readonly function: number
  /** Name of the function, or "#12". */
  readonly name: string
  /** Number of the point in its function. */
  readonly number: number
  /** What is called there: a function, a wait, or "indirect"; null where nothing is. */
  readonly calls: string | null
  /** How often the run of the profile came there; missing without a profile. */
  readonly visits?: number
}

/** Where compiled code of a module can stop. */
export interface PointsInfo {
  readonly kind: 'points'
  readonly file: string
  readonly module: string
  /** Functions of the module, imported ones included, and those among them that have points. */
  readonly functions: number
  readonly suspendable: number
  readonly points: readonly ListedPoint[]
  /** The one that was asked for by --function. */
  readonly chosen: string | null
  /** File of the profile that tells the visits. */
  readonly profile?: string
  /** Just the most visited were asked for, of so many. */
  readonly hottestOf?: number
}

/** Reads `info points [GUEST|MODULE]`. Needs no compiler. */
export async function readPoints(session: Session, input: Arguments): Promise<PointsInfo> {
  const module = await moduleOf(session, input)
  const table = await module.stablePoints()
  const suspendable = [...table.suspendable()]
  const named = input.option('function')
  const chosen = named === undefined ? null : module.findFunction(named)
  const listed = chosen === null ? suspendable : [chosen]
  const points = listed.flatMap((index) => pointsOf(index, table, module))
  const profile = input.option('profile')
  return {
    kind: 'points',
    file: module.file,
    module: module.sha256,
    functions: table.functions,
    suspendable: suspendable.length,
    chosen: chosen === null ? null : module.functionName(chosen),
    points,
    ...(profile === undefined ? {} : await visited(points, profile, table, module, input)),
  }
}

/** The points with their visits: all, or with --hot N the N most visited, the most visited first. */
async function visited(
  points: readonly ListedPoint[],
  file: string,
  table: StablePoints,
  module: Module,
  input: Arguments,
): Promise<Pick<PointsInfo, 'points' | 'profile' | 'hottestOf'>> {
  const profile = await readProfile(file)
  profile.requireFor(module, table, file)
  const all = points.map((one) => ({ ...one, visits: profile.visitsOf(one.function, one.pc) }))
  const most = input.integer('hot', 1)
  if (most === undefined) return { points: all, profile: file }
  const hottest = all.filter(({ visits }) => visits > 0).sort((a, b) => b.visits - a.visits)
  return { points: hottest.slice(0, most), profile: file, hottestOf: all.length }
}

/** A file by its name, where no guest is called so; else the guest's or the snapshot's. */
async function moduleOf(session: Session, input: Arguments): Promise<Module> {
  const { shell } = session
  const named = input.argument(1)
  const isGuest = shell.guests().some(({ name }) => name === named)
  if (named !== undefined && !isGuest && /\/|\.wasm$/i.test(named)) {
    return await shell.loadModule(named)
  }
  const subject = named === undefined ? subjectOf(session, input) : parseSubject(session, named)
  if (subject.kind === 'guest') return subject.guest.module
  return (await inspectSnapshot(session, subject.name)).module
}

function pointsOf(index: number, table: StablePoints, module: Module): ListedPoint[] {
  const name = module.functionName(index)
  return (table.of(index)?.points ?? []).map(({ number, pc, kind, live, operands, call }) => ({
    function: index,
    name,
    number,
    pc,
    kind,
    calls: call === undefined ? null : calleeName(call.callee, table, module),
    live,
    operands,
  }))
}

function calleeName(callee: Callee, table: StablePoints, module: Module): string {
  if (callee.kind === 'indirect') return 'indirect'
  const wait = table.waits[callee.function - table.functions]
  return wait === undefined
    ? module.functionName(callee.function)
    : `memory.atomic.wait${wait.width}`
}

/** Formats the points as a table with a line of totals. */
export async function renderPoints(
  info: PointsInfo,
  page: Page,
  wantsAll: boolean,
): Promise<string> {
  const { theme } = page
  const { points, hottestOf } = info
  if (points.length === 0) return theme.quiet(none(info))
  const shown = wantsAll || hottestOf !== undefined ? points : points.slice(0, shownPoints)
  const hasVisits = info.profile !== undefined
  const table = await page.table(
    [
      { head: 'INDEX', align: 'right' },
      { head: 'FUNCTION', shrinks: true },
      { head: 'PC', align: 'right' },
      { head: 'KIND' },
      ...(hasVisits ? [{ head: 'VISITS', align: 'right' } as const] : []),
      { head: 'CALLS', shrinks: true },
    ],
    shown.map((point) => [
      String(point.function),
      theme.functionName(printable(point.name)),
      theme.address(hex(point.pc)),
      point.kind,
      ...(hasVisits ? [String(point.visits)] : []),
      point.calls === null ? '' : printable(point.calls),
    ]),
  )
  return `${table}\n${theme.quiet(totals(info, points.length - shown.length))}`
}

function totals({ points, chosen, hottestOf, suspendable, functions }: PointsInfo, left: number) {
  const where =
    chosen === null ? `${suspendable} of ${count(functions, 'function')}` : printable(chosen)
  if (hottestOf !== undefined) {
    return `the most visited, ${points.length} of ${count(hottestOf, 'stable point')} in ${where}`
  }
  const more = left === 0 ? '' : `; ${left} more with --all`
  return `${count(points.length, 'stable point')} in ${where}${more}`
}

function none({ chosen, hottestOf }: PointsInfo): string {
  if (hottestOf !== undefined) return 'No stable point was visited.'
  return chosen === null
    ? 'No stable points: every function ends soon by itself.'
    : `${printable(chosen)} has no stable points: it is imported, or ends soon by itself.`
}
