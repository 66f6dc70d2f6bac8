import type { GuestInfo } from '../../core/guest/inspect.js'
import type { EngineName, Manifest } from '../../core/snapshot/manifest.js'
import type { Arguments } from '../arguments.js'
import { defineCommand, guestOption } from '../command.js'
import { compileTitle } from '../compile-progress.js'
import { subjectOf } from '../inspection.js'
import { type GuestReport, renderReport, reportOf } from '../outcome.js'
import type { Page } from '../page.js'
import type { Session } from '../session.js'
import { count, formatBytes, formatTime, printable } from '../text.js'
import { type PointsInfo, readPoints, renderPoints } from './info-points.js'

type Result =
  | PointsResult
  | {
      readonly kind: 'guest'
      readonly info: GuestInfo
      readonly report: GuestReport
      readonly edits: number
      readonly snapshotParent: string | null
    }
  | {
      readonly kind: 'snapshot'
      readonly name: string
      readonly bytes: number
      readonly manifest: Manifest
    }

type PointsResult = PointsInfo & {
  readonly wantsAll: boolean
  /** What --json prints: all of them, however many people see. */
  toJSON(): PointsInfo
}

export const info = defineCommand<Result>({
  name: 'info',
  group: 'Looking',
  summary: 'shows what is known of a guest or a stored snapshot',
  usage: [
    'info [GUEST]',
    'info snapshot:NAME',
    'info points [GUEST | snapshot:NAME | MODULE.wasm]',
  ],
  arity: [0, 2],
  complete: ['guest-or-snapshot', 'path'],
  options: {
    function: {
      type: 'string',
      value: 'FUNCTION',
      summary: 'with "points": only those of one function, a name or "#12"',
      complete: 'function',
    },
    all: { type: 'boolean', short: 'a', summary: 'with "points": however many there are' },
    profile: {
      type: 'string',
      value: 'FILE',
      summary: 'with "points": how often each was visited, as "run --profile FILE" has counted',
      complete: 'path',
    },
    hot: {
      type: 'string',
      value: 'N',
      summary: 'with --profile: only the N most visited, the most visited first',
      complete: 'none',
    },
    ...guestOption,
  },
  help: `Works whatever the guest does: state and place, memory, time, host calls, output so far. Guest time stands still while the guest does.

"info points" lists where compiled code of the module can stop and go on, its stable points: in which function, at which offset, and what is there. "entry" is where a function begins (code stops there only in recursion), "loop" where a loop goes round, "call" the instruction behind a call. They are the same for every CPU, and need no compiler. Functions that soon end by themselves have none. With --profile FILE the table says how often a run came to each of them ("help run"). A guest that is called "points" is meant by "info --guest points".`,
  examples: [
    'info',
    'info snapshot:before',
    'info points tool.wasm --function main',
    'info points tool.wasm --profile tool.profile --hot 20',
  ],
  async run(session, input) {
    const named = input.argument(0)
    if (named === 'points') return await pointsResult(session, input)
    if (input.argument(1) !== undefined) {
      throw input.usageError(`"info" has no use for "${input.argument(1)}"`)
    }
    for (const [option, isGiven] of [
      ['function', input.option('function') !== undefined],
      ['all', input.flag('all')],
      ['profile', input.option('profile') !== undefined],
      ['hot', input.option('hot') !== undefined],
    ] as const) {
      if (isGiven) throw input.usageError(`--${option} goes with "info points"`)
    }
    const asked = named === undefined ? input : input.withOption('guest', named)
    const subject = subjectOf(session, asked)
    if (subject.kind === 'snapshot') {
      const { name, bytes, manifest } = await session.shell.store.get(subject.name)
      return { kind: 'snapshot', name, bytes, manifest }
    }
    const { guest } = subject
    const known = guest.info()
    return {
      kind: 'guest',
      info: known,
      report: reportOf(guest),
      edits: guest.edits().length,
      snapshotParent: null,
    }
  },
  render: (result, page) => {
    if (result.kind === 'points') return renderPoints(result, page, result.wantsAll)
    return result.kind === 'guest' ? renderGuest(result, page) : renderSnapshot(result, page)
  },
})

async function pointsResult(session: Session, input: Arguments): Promise<PointsResult> {
  if (input.option('hot') !== undefined && input.option('profile') === undefined) {
    throw input.usageError('--hot goes with --profile')
  }
  const found = await readPoints(session, input)
  return { ...found, wantsAll: input.flag('all'), toJSON: () => found }
}

function list(rows: readonly (readonly [string, string])[], page: Page): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${page.theme.quiet(name.padEnd(width))}  ${text}`).join('\n')
}

/** What runs it, and what is made so that it runs faster. */
function formatEngine(guest: GuestInfo): string {
  const { engine, inCompiled, state, compiling, compileFailure } = guest
  const isWaiting = engine === 'aot' && state === 'running' && !inCompiled
  const text = `${engineText(engine)}${isWaiting ? ', interpreted for now' : ''}`
  if (compileFailure !== null) return `${text}; ${printable(compileFailure)}`
  if (compiling === null) return text
  const way = inCompiled ? 'faster code for its frames' : 'a way into it'
  const what = compiling.what === 'twins' ? way : 'its code'
  return `${text}; ${what} is being made: ${compileTitle(compiling.phase)}`
}

function renderGuest(result: Extract<Result, { kind: 'guest' }>, page: Page): string {
  const { info: guest, report } = result
  const rows: [string, string][] = [
    ['file', printable(guest.file)],
    ['module', guest.moduleSha256],
    ['engine', formatEngine(guest)],
    ['memory', formatBytes(guest.memoryBytes)],
    ['frames', guest.state === 'running' ? 'not known while it runs' : String(guest.frameCount)],
    ['position', guest.position === null ? 'not counted' : count(guest.position, 'instruction')],
    ['host calls', String(guest.hostCalls)],
    ['guest time', formatTime(guest.monotonicNs)],
    ['CPU time', formatTime(guest.cpuNs)],
    ['output', `${formatBytes(guest.stdoutBytes)}, errors ${formatBytes(guest.stderrBytes)}`],
    ['edits', String(result.edits)],
  ]
  return `${renderReport(report, page.theme)}\n${list(rows, page)}`
}

function engineText(engine: EngineName): string {
  return engine === 'aot' ? 'compiled code' : 'interpreter'
}

function storedEngine({ engine, needs }: Manifest): string {
  return needs.engine === 'any' ? engineText(engine) : `${engineText(engine)}, and needs it`
}

function renderSnapshot(result: Extract<Result, { kind: 'snapshot' }>, page: Page): string {
  const { manifest } = result
  const rows: [string, string][] = [
    ['id', manifest.id],
    ['taken', manifest.created],
    ['guest', `${printable(manifest.guest.name)} (${printable(manifest.guest.file)})`],
    ['module', `${manifest.module.sha256} (${formatBytes(manifest.module.bytes)})`],
    ['engine', storedEngine(manifest)],
    ['status', manifest.status],
    ['position', manifest.position === null ? 'not counted' : manifest.position],
    ['memory', manifest.memories.map(({ bytes }) => formatBytes(bytes)).join(', ') || 'none'],
    ['parent', manifest.parent ?? 'none'],
    ['on disk', formatBytes(result.bytes)],
    ['edits', String(manifest.edits.length)],
    ['needs', manifest.bindings.map((one) => one.guestPath ?? one.kind).join(', ') || 'nothing'],
  ]
  return `snapshot ${page.theme.guest(printable(result.name))}\n${list(rows, page)}`
}
