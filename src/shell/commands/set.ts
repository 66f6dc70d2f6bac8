import type { Edit } from '../../core/edit/edit.js'
import { parseTarget } from '../../core/edit/edit-target.js'
import { findTarget, type ResourceTarget } from '../../core/plugin-host/resource-edit.js'
import { usageError } from '../arguments.js'
import { defineCommand } from '../command.js'
import { parseSubject, type Subject } from '../inspection.js'
import { guestSubject } from '../plugin-subject.js'
import type { Session } from '../session.js'
import { setStored } from '../stored-edit.js'
import { printable } from '../text.js'

interface Result extends Edit {
  /** Name of the new snapshot, when a stored one was edited. */
  readonly snapshot: string | null
}

const pattern =
  /^(?<options>(?:(?:-f|--frame|-g|--guest|--name)(?:\s+|=)\S+\s+)*)(?<target>[^=]*?)\s*=\s*(?<value>\S[\s\S]*)$/

export const set = defineCommand<Result>({
  name: 'set',
  group: 'Changing',
  summary: 'changes a place in a paused guest or in a stored snapshot',
  usage: ['set [--frame N] [--guest GUEST] TARGET = VALUE'],
  isRaw: true,
  complete: ['place'],
  options: {
    frame: {
      type: 'string',
      short: 'f',
      value: 'N',
      summary: 'frame of a local or an operand (0)',
    },
    guest: {
      type: 'string',
      short: 'g',
      value: 'GUEST',
      summary: 'the guest, or "snapshot:NAME", instead of the chosen one',
      complete: 'guest-or-snapshot',
    },
    name: { type: 'string', value: 'NAME', summary: 'name of the new snapshot (stored ones)' },
  },
  help: `TARGET is one of

  local N, local NAME     a local of the frame
  stack N                 an operand of the frame, from the bottom
  global N, global NAME   a mutable global
  TYPE[ADDRESS]           memory: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64
  bytes[ADDRESS]          memory, as pairs of hex digits
  table T[I]              an element: a function's index or name, or null
  pc                      where the innermost frame goes on

VALUE is checked by the type of the place: integers in decimal or hex, floats also as "inf", "nan" or "nan:0x400001", vectors as 0x and 32 hex digits. A pc is checked by the function's validation: the operands that are there must fit.

Every change is kept in the snapshots taken from then on; "edits" lists them. With a stored snapshot chosen ("use snapshot:NAME"), "set" writes a new snapshot with the change.`,
  examples: [
    'set local 3 = 42',
    'set u32[0x400] = 0xffff',
    'set global limit = 60',
    'set pc = 0x1f',
  ],
  async run(session, input) {
    const groups = pattern.exec(input.text)?.groups
    const target = groups?.['target']
    const value = groups?.['value']
    if (target === undefined || value === undefined) {
      throw usageError(input.command, 'Write "set TARGET = VALUE"')
    }
    const options = readOptions(groups?.['options'] ?? '')
    const subject = chosen(session, options.guest)
    const resource = findTarget(target, session.shell.plugins.all())
    if (resource !== null)
      return await setResource(session, subject, resource, value.trim(), options)
    const place = parseTarget(target, Number(options.frame ?? 0))
    if (subject.kind === 'guest')
      return { ...subject.guest.set(place, value.trim()), snapshot: null }
    return await setStored(session, subject.name, place, value.trim(), options.name)
  },
  rawText: ([target, value]) => `${String(target)} = ${String(value)}`,
  render: (edit, page) => {
    const { theme } = page
    const where = edit.snapshot === null ? '' : ` in new snapshot ${theme.guest(edit.snapshot)}`
    const change = `${theme.number(printable(edit.old))} -> ${theme.number(printable(edit.new))}`
    return `${printable(edit.target)}: ${change}${where}`
  },
})

async function setResource(
  session: Session,
  subject: Subject,
  target: ResourceTarget,
  value: string,
  { name }: { readonly name?: string },
): Promise<Result> {
  if (subject.kind === 'guest') {
    guestSubject(subject.guest, target.plugin)
    const text = `${target.plugin.name}.${target.place}`
    return { ...(await subject.guest.setResource(text, value)), snapshot: null }
  }
  const { store } = session.shell
  const options = name === undefined ? {} : { name }
  const entry = await store.setStoredResource(subject.name, target, value, options)
  const edit = entry.manifest.edits.at(-1)
  return { ...(edit as Edit), snapshot: entry.name }
}

function chosen(session: Parameters<typeof parseSubject>[0], name: string | undefined): Subject {
  if (name !== undefined) return parseSubject(session, name)
  const { selection } = session
  return selection.kind === 'snapshot'
    ? { kind: 'snapshot', name: selection.name }
    : { kind: 'guest', guest: session.findGuest(undefined) }
}

function readOptions(text: string): { frame?: string; guest?: string; name?: string } {
  const options: { frame?: string; guest?: string; name?: string } = {}
  for (const [, name, value] of text.matchAll(/(-f|--frame|-g|--guest|--name)(?:\s+|=)(\S+)/g)) {
    if (name === undefined || value === undefined) continue
    if (name === '-f' || name === '--frame') options.frame = value
    else if (name === '--name') options.name = value
    else options.guest = value
  }
  return options
}
