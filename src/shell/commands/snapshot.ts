import type { SnapshotPlan } from '../../core/guest/inspect.js'
import type { SnapshotEntry } from '../../core/snapshot/snapshot-entry.js'
import { defineCommand } from '../command.js'
import type { Page } from '../page.js'
import { readPluginFlags } from '../plugin-options.js'
import { count, formatBytes, printable } from '../text.js'

type Result =
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotEntry }
  | { readonly kind: 'plan'; readonly plan: SnapshotPlan }

export const snapshot = defineCommand<Result>({
  name: 'snapshot',
  group: 'Snapshots',
  summary: 'stores the whole state of a guest under a name',
  usage: ['snapshot [NAME] [--guest GUEST] [--dry-run]'],
  arity: [0, 1],
  complete: ['none'],
  options: {
    guest: { type: 'string', short: 'g', value: 'GUEST', summary: 'the guest', complete: 'guest' },
    'dry-run': { type: 'boolean', summary: 'say what it would hold and what stands against it' },
    force: { type: 'boolean', short: 'f', summary: 'replace a snapshot of that name' },
    full: { type: 'boolean', summary: 'store all of memory, not only what changed since the last' },
    'no-sync': { type: 'boolean', summary: 'do not wait until it is on the disk' },
  },
  help: `A guest that runs is paused for it and goes on afterwards; a paused one stays paused. The snapshot is in the store ("store --help"), visible to every wasmsh of yours, and whole or not there at all.

After a first snapshot of a guest, further ones store only the pages of memory that have changed since.

A guest that holds something which a snapshot cannot keep yet is refused, by name; --dry-run lists all of it.`,
  examples: ['snapshot', 'snapshot before-the-edit', 'snapshot --dry-run'],
  async run(session, input) {
    const guest = session.findGuest(input.option('guest'))
    const flags = readPluginFlags(session, input, 'snapshot')
    if (input.flag('dry-run')) {
      const wasRunning = guest.state === 'running'
      if (wasRunning) await guest.pause()
      const plan = guest.planSnapshot(flags)
      if (wasRunning) guest.resume()
      return { kind: 'plan', plan }
    }
    const taken = await guest.snapshot(input.argument(0), {
      force: input.flag('force'),
      sync: !input.flag('no-sync'),
      parent: input.flag('full') ? 'none' : 'auto',
      flags,
    })
    return { kind: 'snapshot', snapshot: taken }
  },
  render: (result, page) =>
    result.kind === 'plan' ? renderPlan(result.plan, page) : renderTaken(result.snapshot, page),
})

function renderTaken(taken: SnapshotEntry, page: Page): string {
  const of = taken.parent === null ? '' : ', changes since its parent'
  const sizes = `${formatBytes(taken.bytes)} for ${formatBytes(taken.memoryBytes)} of memory${of}`
  return `Stored ${page.theme.guest(printable(taken.name))} (${sizes})`
}

function renderPlan(plan: SnapshotPlan, page: Page): string {
  const { theme } = page
  const of = plan.parent === null ? 'all of' : 'what changed in'
  const lines = [
    `Would hold ${of} ${formatBytes(plan.memoryBytes)} of memory, ${count(plan.edits, 'edit')}; module of ${formatBytes(plan.module.bytes)}`,
  ]
  for (const { resource, status, reason, hint } of plan.resources) {
    if (status === 'blocked') continue
    const word = status === 'portable' ? theme.good('portable') : theme.hint('mapping')
    lines.push(`${word} ${printable(resource)}: ${printable(reason)}`)
    if (hint !== '') lines.push(`  ${theme.hint('hint:')} ${printable(hint)}`)
  }
  for (const { resource, reason } of plan.remarks) {
    lines.push(`${theme.hint('note')} ${printable(resource)}: ${printable(reason)}`)
  }
  if (plan.blockers.length === 0)
    return [...lines, theme.good('Nothing stands against it.')].join('\n')
  for (const blocker of plan.blockers) {
    lines.push(
      `${theme.error('blocked by')} ${printable(blocker.resource)}: ${printable(blocker.reason)}`,
    )
    if (blocker.hint !== '') lines.push(`  ${theme.hint('hint:')} ${printable(blocker.hint)}`)
  }
  return lines.join('\n')
}
