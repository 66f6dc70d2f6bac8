import type { GuestInfo } from '../../core/guest/inspect.js'
import type { Manifest } from '../../core/snapshot/manifest.js'
import { defineCommand, guestOption } from '../command.js'
import { subjectOf } from '../inspection.js'
import { type GuestReport, renderReport, reportOf } from '../outcome.js'
import type { Page } from '../page.js'
import { count, formatBytes, formatTime, printable } from '../text.js'

type Result =
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

export const info = defineCommand<Result>({
  name: 'info',
  group: 'Looking',
  summary: 'shows what is known of a guest or a stored snapshot',
  usage: ['info [GUEST]', 'info snapshot:NAME'],
  arity: [0, 1],
  complete: ['guest-or-snapshot'],
  options: guestOption,
  help: `Works whatever the guest does: state and place, memory, time, host calls, output so far. Guest time stands still while the guest does.`,
  async run(session, input) {
    const named = input.argument(0)
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
  render: (result, page) =>
    result.kind === 'guest' ? renderGuest(result, page) : renderSnapshot(result, page),
})

function list(rows: readonly (readonly [string, string])[], page: Page): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${page.theme.quiet(name.padEnd(width))}  ${text}`).join('\n')
}

function renderGuest(result: Extract<Result, { kind: 'guest' }>, page: Page): string {
  const { info: guest, report } = result
  const rows: [string, string][] = [
    ['file', printable(guest.file)],
    ['module', guest.moduleSha256],
    ['memory', formatBytes(guest.memoryBytes)],
    ['frames', String(guest.frameCount)],
    ['position', guest.position === null ? 'not counted' : count(guest.position, 'instruction')],
    ['host calls', String(guest.hostCalls)],
    ['guest time', formatTime(guest.monotonicNs)],
    ['CPU time', formatTime(guest.cpuNs)],
    ['output', `${formatBytes(guest.stdoutBytes)}, errors ${formatBytes(guest.stderrBytes)}`],
    ['edits', String(result.edits)],
  ]
  return `${renderReport(report, page.theme)}\n${list(rows, page)}`
}

function renderSnapshot(result: Extract<Result, { kind: 'snapshot' }>, page: Page): string {
  const { manifest } = result
  const rows: [string, string][] = [
    ['id', manifest.id],
    ['taken', manifest.created],
    ['guest', `${printable(manifest.guest.name)} (${printable(manifest.guest.file)})`],
    ['module', `${manifest.module.sha256} (${formatBytes(manifest.module.bytes)})`],
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
