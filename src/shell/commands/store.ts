import { basename } from 'node:path'
import type { CachedCode } from '../../core/compile/cached-code.js'
import { cacheLimits } from '../../core/compile/code-cache.js'
import type { Shell } from '../../core/shell.js'
import type { GcReport, StoreReport } from '../../core/store/store.js'
import { usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import { type ExitStatus, exitCodes } from '../exit-codes.js'
import type { Page } from '../page.js'
import { count, formatBytes, printable } from '../text.js'

type Result =
  | ({ readonly kind: 'check'; readonly home: string } & StoreReport)
  | ({ readonly kind: 'gc'; readonly home: string } & GcReport)
  | CodeResult

interface CodeResult {
  readonly kind: 'code'
  readonly home: string
  /** They were removed. */
  readonly cleared: boolean
  readonly codes: readonly CachedCode[]
  readonly bytes: number
}

export const store = defineCommand<Result>({
  name: 'store',
  group: 'Snapshots',
  summary: 'checks the store of snapshots, frees what none needs, shows or clears compiled code',
  usage: ['store check', 'store gc', 'store code [--clear]'],
  arity: [0, 1],
  complete: [['check', 'gc', 'code']],
  options: { clear: { type: 'boolean', summary: 'remove all compiled code' } },
  help: `The store is the folder $WASMSH_HOME, or wasmsh in your data folder (~/.local/share) without it. All wasmsh processes share it.

"store check" reads everything, compares every digest and reports what is damaged, missing or left over; it changes nothing. It fails when it finds something.

"store gc" removes modules that no snapshot needs, pages kept for snapshots that are gone, and what processes left behind that were killed while they wrote.

"store code" shows the compiled code in the store: of which module, for which CPU ("own" is that of the machine that made it), with how many builds of twins, and when it was used last. What was not used for longest goes by itself when there are more than ${cacheLimits.codes}. With --clear all of it is removed, for every wasmsh that uses the store; it is made anew when it is needed. Guests keep the code that they run in.`,
  examples: ['store check', 'store gc', 'store code', 'store code --clear'],
  async run(session, input) {
    const { store: snapshots } = session.shell
    const { home } = snapshots
    const action = input.argument(0) ?? 'check'
    if (action === 'code') return await compiledCode(session.shell, input.flag('clear'))
    if (input.flag('clear')) throw input.usageError('--clear goes with "store code"')
    if (action === 'check') return { kind: 'check', home, ...(await snapshots.check()) }
    if (action === 'gc') return { kind: 'gc', home, ...(await snapshots.gc()) }
    throw usageError(
      input.command,
      `"store" cannot "${action}"`,
      'Use "store check", "store gc" or "store code".',
    )
  },
  render: (result, page) => {
    if (result.kind === 'check') return renderCheck(result, page)
    return result.kind === 'gc' ? renderGc(result) : renderCode(result, page)
  },
  status: (result): ExitStatus | null =>
    result.kind === 'check' && result.problems.length > 0
      ? { code: exitCodes.user, by: 'wasmsh' }
      : null,
})

async function compiledCode(shell: Shell, clears: boolean): Promise<CodeResult> {
  const codes = clears ? await shell.clearCompiledCode() : await shell.compiledCode()
  const bytes = codes.reduce((sum, one) => sum + one.bytes, 0)
  return { kind: 'code', home: shell.store.home, cleared: clears, codes, bytes }
}

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

async function renderCode(
  { cleared, codes, bytes, home }: CodeResult,
  page: Page,
): Promise<string> {
  const what = `${count(codes.length, 'build')} of compiled code, ${formatBytes(bytes)}`
  if (cleared) return `Removed ${what}`
  if (codes.length === 0) return page.theme.quiet('No compiled code.')
  const table = await page.table(
    [
      { head: 'MODULE', shrinks: true },
      { head: 'DIGEST' },
      { head: 'CPU' },
      { head: 'TWINS', align: 'right' },
      { head: 'STORED', align: 'right' },
      { head: 'USED' },
    ],
    codes.map(({ origin, twins, bytes: size, used }) => [
      origin === null ? page.theme.quiet('of another version') : printable(basename(origin.file)),
      origin?.module.slice(0, 12) ?? '',
      origin === null ? '' : (origin.target ?? 'own'),
      String(twins),
      formatBytes(size),
      used.replace('T', ' ').slice(0, 19),
    ]),
  )
  return `${table}\n${what} in ${printable(home)}; at most ${cacheLimits.codes} are kept`
}
