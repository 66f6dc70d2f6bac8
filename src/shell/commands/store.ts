import type { GcReport, StoreReport } from '../../core/store/store.js'
import { usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import { type ExitStatus, exitCodes } from '../exit-codes.js'
import type { Page } from '../page.js'
import { count, formatBytes, printable } from '../text.js'

type Result =
  | ({ readonly kind: 'check'; readonly home: string } & StoreReport)
  | ({ readonly kind: 'gc'; readonly home: string } & GcReport)

export const store = defineCommand<Result>({
  name: 'store',
  group: 'Snapshots',
  summary: 'checks the store of snapshots, or frees what no snapshot needs',
  usage: ['store check', 'store gc'],
  arity: [0, 1],
  complete: [['check', 'gc']],
  help: `The store is the folder $WASMSH_HOME, or wasmsh in your data folder (~/.local/share) without it. All wasmsh processes share it.

"store check" reads everything, compares every digest and reports what is damaged, missing or left over; it changes nothing. It fails when it finds something.

"store gc" removes modules that no snapshot needs, pages kept for snapshots that are gone, and what processes left behind that were killed while they wrote.`,
  async run(session, input) {
    const { store: snapshots } = session.shell
    const { home } = snapshots
    const action = input.argument(0) ?? 'check'
    if (action === 'check') return { kind: 'check', home, ...(await snapshots.check()) }
    if (action === 'gc') return { kind: 'gc', home, ...(await snapshots.gc()) }
    throw usageError(
      input.command,
      `"store" cannot "${action}"`,
      'Use "store check" or "store gc".',
    )
  },
  render: (result, page) =>
    result.kind === 'check' ? renderCheck(result, page) : renderGc(result),
  status: (result): ExitStatus | null =>
    result.kind === 'check' && result.problems.length > 0
      ? { code: exitCodes.user, by: 'wasmsh' }
      : null,
})

function renderCheck(result: Extract<Result, { kind: 'check' }>, page: Page): string {
  const { theme } = page
  const found = `${count(result.snapshots, 'snapshot')}, ${count(result.modules, 'module')}, ${formatBytes(result.bytes)} in ${printable(result.home)}`
  if (result.problems.length === 0) return `${found}: ${theme.good('all well')}`
  const lines = result.problems.flatMap((problem) => [
    `${theme.error(problem.code)} ${printable(problem.resource)}: ${printable(problem.message)}`,
    ...(problem.hint === '' ? [] : [`  ${theme.hint('hint:')} ${printable(problem.hint)}`]),
  ])
  return [`${found}: ${count(result.problems.length, 'problem')}`, ...lines].join('\n')
}

function renderGc(result: Extract<Result, { kind: 'gc' }>): string {
  const parts = [
    count(result.modules.length, 'module'),
    count(result.images.length, 'kept image'),
    count(result.temporary.length, 'leftover'),
  ]
  return `Removed ${parts.join(', ')}: ${formatBytes(result.bytes)}`
}
