import { WasmshError } from '../../core/errors.js'
import type { CommandContext, CommandInput, PluginCommand, Subject } from '../../core/plugin.js'
import { type FileRow, printable, renderRows, rowsOfStored } from './table.js'
import type { FilesTracker } from './tracker.js'

/** What `files` came to: the descriptors, or a change of them. */
export type FilesResult =
  | { readonly kind: 'list'; readonly descriptors: readonly FileRow[] }
  | {
      readonly kind: 'change'
      readonly fd: number
      readonly old: string
      readonly new: string
      /** Name of the new snapshot, when a stored one was changed. */
      readonly snapshot: string | null
    }

type Context = CommandContext<FilesTracker>

const verbs = ['open', 'close', 'share']

export const filesCommand: PluginCommand<FilesTracker, FilesResult> = {
  name: 'files',
  group: 'Looking',
  summary: 'shows the descriptors of a guest and the files behind them; opens and closes some',
  usage: [
    'files [GUEST]',
    'files open PATH [--fd N] [--write] [--append]',
    'files close N',
    'files share N [--fd M]',
  ],
  subject: 'guest-or-snapshot',
  arity: [0, 2],
  complete: [() => verbs, 'none'],
  options: {
    fd: { type: 'string', value: 'N', summary: 'number of the descriptor; the lowest free one' },
    write: { type: 'boolean', short: 'w', summary: 'open for reading and writing' },
    append: { type: 'boolean', short: 'a', summary: 'write at the end, whatever the offset is' },
  },
  help: `Shows number, kind, path, access and flags, offset and size of each descriptor. STATE says whether the file is still the one that its path names: "same", "changed" when another or a different one is there, "gone" when there is none. Descriptors that share an open file share its offset.

"open", "close" and "share" change a guest that stands still, or write a child of a stored snapshot ("use snapshot:NAME", or --guest snapshot:NAME). They are short for "set":

  set files.fd[4].offset = 100
  set files.fd[4].path = /data/other
  set files.fd[4].flags = append,nonblock
  set files.fd[4] = closed
  set files.fd[7] = /data/x read,write,append
  set files.fd[9] = fd[4]

A path is one of the guest. Nothing is created or emptied. In a stored snapshot a path is looked up when that is recovered, and any file that is there will do.`,
  examples: [
    'files',
    'files --guest snapshot:before',
    'files close 4',
    'files open /data/x --fd 7',
  ],
  async run(context, input) {
    const verb = input.argument(0)
    if (verb !== undefined && verbs.includes(verb)) return await change(context, input, verb)
    if (input.argument(1) !== undefined) throw input.usageError(`There is no "files ${verb}"`)
    refuseOptions(input)
    return { kind: 'list', descriptors: await list(context, input) }
  },
  render: (result, page) => {
    if (result.kind === 'list') return renderRows(result.descriptors, page)
    const { theme } = page
    const where = result.snapshot === null ? '' : ` in new snapshot ${theme.guest(result.snapshot)}`
    return `files.fd[${result.fd}]: ${printable(result.old)} -> ${printable(result.new)}${where}`
  },
}

async function list(context: Context, input: CommandInput): Promise<readonly FileRow[]> {
  const name = input.argument(0)
  if (name !== undefined) {
    const guest = context.shell.guests().find((one) => one.name === name)
    const tracker = guest?.tracker('files') as FilesTracker | undefined
    if (tracker !== undefined) return tracker.rows()
    throw new WasmshError('ERR_WASMSH_GUEST_UNKNOWN', `No guest "${name}" has files here`)
  }
  const subject = await context.subject()
  if (subject.kind === 'guest') return subject.tracker.rows()
  const { bindings } = await context.shell.store.read(subject.snapshot.name)
  const hosts = bindings.flatMap(({ guestPath, hostPath }) =>
    guestPath === undefined ? [] : [[guestPath, hostPath] as const],
  )
  return rowsOfStored(subject.state, subject.descriptors, new Map(hosts))
}

function refuseOptions(input: CommandInput): void {
  for (const name of ['write', 'append']) {
    if (input.flag(name)) throw input.usageError(`--${name} goes with "files open"`)
  }
  if (input.option('fd') !== undefined) {
    throw input.usageError('--fd goes with "files open" and "files share"')
  }
}

async function change(context: Context, input: CommandInput, verb: string): Promise<FilesResult> {
  const what = input.argument(1)
  if (what === undefined) {
    throw input.usageError(verb === 'open' ? 'Say which path to open' : 'Say which descriptor')
  }
  const subject = await context.subject()
  const isNew = verb !== 'close'
  const fd = isNew
    ? (input.integer('fd') ?? lowestFree(subject))
    : (input.count(1, 'descriptor') ?? 0)
  const value =
    verb === 'close' ? 'closed' : verb === 'open' ? openText(input, what) : `fd[${what}]`
  const target = `files.fd[${fd}]`
  if (subject.kind === 'guest') {
    const { old, new: now } = await subject.guest.setResource(target, value)
    return { kind: 'change', fd, old, new: now, snapshot: null }
  }
  const plugin = context.shell.plugins.find('files')
  if (plugin === undefined) throw new WasmshError('ERR_WASMSH_INTERNAL', 'files is not loaded')
  const place = `fd[${fd}]`
  const child = await context.shell.store.setStoredResource(
    subject.snapshot.name,
    { plugin, place },
    value,
  )
  const edit = child.manifest.edits.at(-1)
  return { kind: 'change', fd, old: edit?.old ?? '', new: edit?.new ?? '', snapshot: child.name }
}

function openText(input: CommandInput, path: string): string {
  const words = ['read']
  if (input.flag('write') || input.flag('append')) words.push('write')
  if (input.flag('append')) words.push('append')
  return `${JSON.stringify(path)} ${words.join(',')}`
}

function lowestFree(subject: Subject<FilesTracker>): number {
  const used = new Set(
    subject.kind === 'guest'
      ? subject.tracker.rows().map(({ fd }) => fd)
      : subject.descriptors.map(({ fd }) => fd),
  )
  let fd = 0
  while (used.has(fd)) fd++
  return fd
}
