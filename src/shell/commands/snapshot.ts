import type { GroupEntry } from '../../core/group/group-snapshot.js'
import type { Guest } from '../../core/guest/guest.js'
import type { SnapshotOptions } from '../../core/guest/guest-snapshot.js'
import type { SnapshotPlan } from '../../core/guest/inspect.js'
import type { PluginFlags } from '../../core/plugin.js'
import type { SnapshotEntry } from '../../core/snapshot/snapshot-entry.js'
import { defineCommand } from '../command.js'
import { findGuests, groupOption } from '../group-option.js'
import type { Page } from '../page.js'
import { readPluginFlags } from '../plugin-options.js'
import { count, formatBytes, printable } from '../text.js'

type Result =
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotEntry }
  | { readonly kind: 'plan'; readonly plan: SnapshotPlan }
  | { readonly kind: 'group'; readonly group: GroupEntry }
  | { readonly kind: 'plans'; readonly plans: readonly SnapshotPlan[] }

export const snapshot = defineCommand<Result>({
  name: 'snapshot',
  group: 'Snapshots',
  summary: 'stores the whole state of a guest under a name',
  usage: ['snapshot [NAME] [--guest GUEST] [--group] [--dry-run]'],
  arity: [0, 1],
  complete: ['none'],
  options: {
    guest: { type: 'string', short: 'g', value: 'GUEST', summary: 'the guest', complete: 'guest' },
    ...groupOption,
    'dry-run': { type: 'boolean', summary: 'say what it would hold and what stands against it' },
    force: { type: 'boolean', short: 'f', summary: 'replace a snapshot of that name' },
    full: { type: 'boolean', summary: 'store all of memory, not only what changed since the last' },
    'no-sync': { type: 'boolean', summary: 'do not wait until it is on the disk' },
  },
  help: `A guest that runs is paused for it and goes on afterwards; a paused one stays paused. The snapshot is in the store ("store --help"), visible to every wasmsh of yours, and whole or not there at all.

After a first snapshot of a guest, further ones store only the pages of memory that have changed since.

Guests that share pipes are taken together with --group, at one instant: a snapshot of each, called NAME.GUEST, all or none of them, and "recover NAME" brings all of them back. "help pipes" says what becomes of a pipe when one of them is taken or recovered alone.

A guest that holds something which a snapshot cannot keep yet is refused, by name; --dry-run lists all of it.`,
  examples: ['snapshot', 'snapshot before-the-edit', 'snapshot both --group', 'snapshot --dry-run'],
  async run(session, input) {
    const guests = findGuests(session, input, input.option('guest'))
    const flags = readPluginFlags(session, input, 'snapshot')
    const isGroup = input.flag('group')
    if (input.flag('dry-run')) {
      if (!isGroup) return { kind: 'plan', plan: await plan(guests[0], flags) }
      const plans: SnapshotPlan[] = []
      for (const guest of guests) plans.push(await plan(guest, flags))
      return { kind: 'plans', plans }
    }
    const options: SnapshotOptions = {
      force: input.flag('force'),
      sync: !input.flag('no-sync'),
      parent: input.flag('full') ? 'none' : 'auto',
      flags,
    }
    const name = input.argument(0)
    return isGroup
      ? { kind: 'group', group: await session.shell.snapshotGroup(guests, name, options) }
      : { kind: 'snapshot', snapshot: await guests[0].snapshot(name, options) }
  },
  render(result, page) {
    switch (result.kind) {
      case 'plan':
        return renderPlan(result.plan, page)
      case 'plans':
        return result.plans
          .map((one) => `${page.theme.guest(printable(one.guest))}: ${renderPlan(one, page)}`)
          .join('\n')
      case 'snapshot':
        return renderTaken(result.snapshot, page)
      case 'group':
        return result.group.members.map((one) => renderTaken(one, page)).join('\n')
    }
  },
})

/** Plans a snapshot; a guest that runs is paused for it. */
async function plan(guest: Guest, flags: PluginFlags): Promise<SnapshotPlan> {
  const wasRunning = guest.state === 'running'
  if (wasRunning) await guest.pause()
  try {
    return guest.planSnapshot(flags)
  } finally {
    if (wasRunning && guest.trap === null) guest.resume()
  }
}

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
