import { WasmshError } from '../../core/errors.js'
import type { Guest } from '../../core/guest/guest.js'
import { isFinal, isParked } from '../../core/guest/guest-state.js'
import type { Operation, OperationLog, OperationLogInfo } from '../../core/oplog/operation.js'
import type { OperationBytes } from '../../core/oplog/operation-bytes.js'
import { type Arguments, usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import {
  numberedLine,
  type OperationClass,
  operationClasses,
  plainFields,
  renderCallers,
  renderOperation,
} from '../operations.js'
import type { Page } from '../page.js'
import type { Session } from '../session.js'
import { count } from '../text.js'

/** Operations that are shown without being asked for more. */
const shownOperations = 50
/** Operations that are read at once. */
const blockSize = 4096
/** How often --follow looks for news. */
const followMs = 50

interface Result {
  readonly guest: Guest
  readonly info: OperationLogInfo
  readonly operations: readonly Operation[]
  readonly hasStacks: boolean
  readonly countsOnly: boolean
  /** Columns of the terminal; null without one. */
  readonly width: number | null
  /** What --json prints. */
  toJSON(): unknown
}

export const log = defineCommand<Result>({
  name: 'log',
  group: 'Looking',
  summary: 'shows what a guest asked of its host: its WASI calls',
  usage: ['log [GUEST] [--last N | --from SEQ] [--class CLASS] [--call NAMES] [--follow]'],
  arity: [0, 1],
  complete: ['guest'],
  options: {
    last: { type: 'string', value: 'N', summary: `show the last N (${shownOperations})` },
    from: { type: 'string', value: 'SEQ', summary: 'show those from number SEQ on, N of them' },
    class: {
      type: 'string',
      value: 'CLASS',
      summary: `only ${Object.keys(operationClasses).join(', ')}, or a plugin's`,
      complete: Object.keys(operationClasses),
    },
    call: { type: 'string', value: 'NAMES', summary: 'only these calls, "path_open,fd_close"' },
    stack: { type: 'boolean', summary: 'show the functions of the guest that led there' },
    counts: { type: 'boolean', summary: 'show how often each call was made' },
    follow: { type: 'boolean', summary: 'go on printing until the guest stands still' },
  },
  help: `Each line is one call of the guest, in the terms of WASI preview 1: its number, the call with its parameters, and the result or the error. Pointers are left out; a list of buffers is shown by its length. With "run --record-data" the first bytes that were read or written are shown too.

Functions that a plugin provides are named with their module, "env.sensor_read"; behind their result is what they wrote to memory.

Calls are recorded when they are finished; one in which the guest waits is not listed yet ("info" shows it). The log begins where the guest was started or recovered. It keeps 256 MiB, the oldest calls go first ("run --log-limit SIZE"), and it can be read after the guest has ended.

Stacks are kept for calls that open, close, rename or otherwise change what there is.`,
  examples: ['log', 'log --class files --stack', 'log --call path_open,fd_close --last 10 --json'],
  async run(session, input) {
    const guest = session.findGuest(input.argument(0))
    const operations = logOf(guest)
    const isWanted = readFilter(input, operations)
    const { isTerminal, columns } = session.output
    const width = isTerminal ? columns : null
    const result = { ...collect(guest, operations, input, isWanted), width }
    if (!input.flag('follow') || isFinal(guest.state) || isParked(guest.state)) return result
    await followLog(session, input, result, isWanted)
    return { ...result, operations: [], toJSON: () => undefined }
  },
  render: renderResult,
})

function logOf(guest: Guest): OperationLog {
  if (guest.log !== null) return guest.log
  throw new WasmshError('ERR_WASMSH_OPLOG_OFF', `Guest "${guest.name}" keeps no log`, {
    guest: guest.name,
  })
}

type Filter = (operation: Operation) => boolean

function readFilter(input: Arguments, operations: OperationLog): Filter {
  const known = operations.calls()
  const names = input.option('call')?.split(',')
  const stranger = names?.find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw usageError(
      input.command,
      `There is no call "${stranger}"`,
      'Name calls of WASI preview 1.',
    )
  }
  const className = input.option('class')
  const isOfClass = className === undefined ? () => true : classFilter(input, operations, className)
  return ({ call }) => (names === undefined || names.includes(call)) && isOfClass(call)
}

/** Calls of WASI by their kind, and imports by the plugin that provides them. */
function classFilter(
  input: Arguments,
  operations: OperationLog,
  className: string,
): (call: string) => boolean {
  const pattern = Object.hasOwn(operationClasses, className)
    ? operationClasses[className as OperationClass]
    : null
  const providers = operations.providers()
  if (pattern === null && !providers.includes(className)) {
    const list = [...Object.keys(operationClasses), ...providers].join(', ')
    throw usageError(input.command, `There is no class "${className}"`, `Use one of ${list}.`)
  }
  return (call) => {
    const provider = operations.providerOf(call)
    return provider === undefined ? pattern?.test(call) === true : provider === className
  }
}

function collect(
  guest: Guest,
  log: OperationLog,
  input: Arguments,
  isWanted: Filter,
): Omit<Result, 'width'> {
  const info = log.info()
  const most = input.integer('last') ?? shownOperations
  const from = input.bigint('from')
  const countsOnly = input.flag('counts')
  const list = countsOnly
    ? []
    : from === undefined
      ? lastOf(log, info, most, isWanted)
      : firstOf(matching(log, from, info.next, isWanted), most)
  const hasStacks = input.flag('stack')
  return {
    guest,
    info,
    operations: list,
    hasStacks,
    countsOnly,
    toJSON: () => ({
      guest: guest.name,
      ...info,
      ...(countsOnly ? {} : { operations: list.map((one) => plain(one, guest, hasStacks)) }),
    }),
  }
}

/** The first of a list that may be long, which is read no further. */
function firstOf(operations: Iterable<Operation>, most: number): readonly Operation[] {
  const found: Operation[] = []
  if (most === 0) return found
  for (const one of operations) {
    found.push(one)
    if (found.length === most) break
  }
  return found
}

/** Operations from `from` to before `end`, read in blocks. */
function* matching(
  log: OperationLog,
  from: bigint,
  end: bigint,
  isWanted: Filter,
): Generator<Operation> {
  for (let next = from; next < end; ) {
    const block = log.read(next, blockSize)
    for (const one of block) if (one.seq < end && isWanted(one)) yield one
    const last = block.at(-1)
    if (last === undefined) return
    next = last.seq + 1n
  }
}

/** The last `most` that are wanted, searched from the end in growing steps. */
function lastOf(
  log: OperationLog,
  { first, next }: OperationLogInfo,
  most: number,
  isWanted: Filter,
): readonly Operation[] {
  let found: Operation[] = []
  let end = next
  for (
    let size = BigInt(Math.max(most, blockSize));
    end > first && found.length < most;
    size *= 2n
  ) {
    const from = end - size > first ? end - size : first
    found = [...matching(log, from, end, isWanted), ...found]
    end = from
  }
  return most === 0 ? [] : found.slice(-most)
}

function plain(operation: Operation, guest: Guest, hasStacks: boolean): unknown {
  const bytes = bytesOf(operation, guest)
  const { seq, call, thread, position, errno, parameters, results, frames, writes } = operation
  const stack = frames.map((one) => ({ ...one, name: guest.module.functionName(one.function) }))
  return {
    seq,
    call,
    thread,
    ...(position === null ? {} : { position }),
    errno,
    parameters: plainFields(parameters),
    results: plainFields(results),
    ...(writes.length === 0 ? {} : { writes: writes.map(plainWrite) }),
    ...(bytes === null
      ? {}
      : { bytes: { taken: base64(bytes.taken), put: base64(bytes.put), buffers: bytes.buffers } }),
    ...(hasStacks ? { stack } : {}),
  }
}

function plainWrite({ address, length, bytes }: Operation['writes'][number]): unknown {
  return { address, length, bytes: Buffer.from(bytes).toString('hex') }
}

/** Bytes of an operation; null where they are not kept. */
function bytesOf(operation: Operation, guest: Guest): OperationBytes | null {
  return guest.log?.readBytes(operation) ?? null
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** Prints what there is, then what is added, until the guest stands still or Ctrl-C. */
async function followLog(
  session: Session,
  input: Arguments,
  result: Result,
  isWanted: Filter,
): Promise<void> {
  const { guest, hasStacks } = result
  const operations = logOf(guest)
  const isJson = input.flag('json')
  const print = (list: Iterable<Operation>): void => {
    for (const one of list) {
      if (isJson) session.output.json(plain(one, guest, hasStacks))
      else session.output.result(lines(one, result, session.page).join('\n'))
    }
  }
  print(result.operations)
  for (let next = result.info.next; ; ) {
    const isLast = isFinal(guest.state) || isParked(guest.state)
    const { next: end } = operations.info()
    print(matching(operations, next, end, isWanted))
    next = end
    // At the prompt that is how one ends it; a script must not go on.
    if (!session.hasPrompt) session.throwIfInterrupted()
    if (isLast || session.signal.aborted) return
    await session.output.flush()
    await Promise.race([
      guest.wait({ timeoutMs: followMs, signal: session.signal }).catch(() => undefined),
    ])
  }
}

function lines(operation: Operation, result: Result, { theme }: Page): readonly string[] {
  const { guest, hasStacks, width } = result
  const text = renderOperation(operation, bytesOf(operation, guest), theme)
  const head = numberedLine(operation.seq, text, width, theme)
  return hasStacks ? [...head, ...renderCallers(operation, guest.module, theme)] : head
}

async function renderResult(result: Result, page: Page): Promise<string> {
  const { info, operations, countsOnly } = result
  const notes: string[] = []
  if (info.failure !== null)
    notes.push(page.theme.warning(`${info.failure}: older calls are lost.`))
  else if (info.first > 1n && !countsOnly) {
    notes.push(page.theme.quiet(`${count(info.first - 1n, 'older call')} no longer kept.`))
  }
  if (countsOnly && info.counts.length > 0) {
    const table = await page.table(
      [{ head: 'CALL' }, { head: 'COUNT', align: 'right' }],
      info.counts.map((one) => [one.call, String(one.count)]),
    )
    return [table, ...notes].join('\n')
  }
  if (operations.length === 0 && notes.length === 0) {
    return result.info.next === 1n ? page.theme.quiet('No calls.') : ''
  }
  return [...notes, ...operations.flatMap((one) => lines(one, result, page))].join('\n')
}
