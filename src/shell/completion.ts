import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command, Completion, OptionSpecs } from './command.js'
import { commonOptions } from './command.js'
import { classifyLine } from './line.js'
import { quoteWord } from './new-process.js'
import { completeTargets } from './plugin-subject.js'
import type { Session } from './session.js'

/** Candidates, and the end of the line that they replace. */
export type Completions = [candidates: string[], replaced: string]

/** Functions of large modules beyond this number are not offered. */
const mostFunctions = 5000

/** Completes a line at the prompt; `line` ends where the cursor is. */
export async function completeLine(session: Session, line: string): Promise<Completions> {
  const start = line.trimStart()
  if (/^[\w-]*$/.test(start)) {
    const names = [...session.commands.keys()].filter((name) => name.startsWith(start))
    if (names.length > 0 || start === '') return [names.map((name) => `${name} `), start]
  }
  const classified = classifyLine(start, (word) => session.commands.has(word))
  const command = classified.kind === 'command' ? session.commands.get(classified.name) : undefined
  if (command === undefined) return await (await session.evaluator()).complete(line)
  return await completeCommand(session, command, start)
}

async function completeCommand(
  session: Session,
  command: Command,
  line: string,
): Promise<Completions> {
  const words = line.split(/\s+/)
  const current = words.at(-1) ?? ''
  const before = words.slice(1, -1)
  if (before.includes('--')) return await candidates(session, 'path', current)
  const options: OptionSpecs = { ...command.options, ...commonOptions }
  const inline = /^--([\w-]+)=(.*)$/.exec(current)
  if (inline !== null) {
    const [found, replaced] = await candidates(
      session,
      options[inline[1] ?? '']?.complete ?? 'none',
      inline[2] ?? '',
    )
    return [found, replaced]
  }
  const waiting = optionOf(options, before.at(-1) ?? '')
  if (waiting?.type === 'string')
    return await candidates(session, waiting.complete ?? 'none', current)
  if (current.startsWith('-')) {
    const names = Object.keys(options).map((name) => `--${name}`)
    return [names.filter((name) => name.startsWith(current)).map((name) => `${name} `), current]
  }
  const index = countPositionals(before, options)
  const kind = command.complete[index] ?? command.complete.at(-1) ?? 'none'
  return await candidates(session, kind, current)
}

function optionOf(options: OptionSpecs, word: string): OptionSpecs[string] | undefined {
  if (/^--[\w-]+$/.test(word)) return options[word.slice(2)]
  if (!/^-\w$/.test(word)) return undefined
  return Object.values(options).find(({ short }) => short === word[1])
}

function countPositionals(words: readonly string[], options: OptionSpecs): number {
  let positionals = 0
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('-')) positionals++
    else if (optionOf(options, word)?.type === 'string') at++
  }
  return positionals
}

async function candidates(
  session: Session,
  kind: Completion,
  current: string,
): Promise<Completions> {
  if (kind === 'path' || kind === 'directory') return await completePath(current, kind)
  const all =
    typeof kind === 'string'
      ? await namesOf(session, kind)
      : typeof kind === 'function'
        ? await kind(session).catch(() => [])
        : kind
  return [all.filter((name) => name.startsWith(current)).map((name) => `${name} `), current]
}

async function namesOf(session: Session, kind: string): Promise<readonly string[]> {
  switch (kind) {
    case 'guest':
      return session.shell.guests().map(({ name }) => name)
    case 'snapshot':
      return await snapshotNames(session)
    case 'guest-or-snapshot': {
      const stored = (await snapshotNames(session)).map((name) => `snapshot:${name}`)
      return [...session.shell.guests().map(({ name }) => name), ...stored]
    }
    case 'topic':
      return [...session.commands.keys(), ...session.topics.map(({ name }) => name)]
    case 'place':
      return [...placeNames(session), ...(await completeTargets(session))]
    case 'plugin':
      return session.shell.plugins.all().map(({ name }) => name)
    case 'function':
      return functionNames(session)
    default:
      return []
  }
}

async function snapshotNames(session: Session): Promise<readonly string[]> {
  try {
    return (await session.shell.store.list()).map(({ name }) => name)
  } catch {
    // A store that cannot be read offers nothing; the command will say why.
    return []
  }
}

function placeNames(session: Session): readonly string[] {
  const globals = session.guest?.module.description.globals ?? []
  const named = globals.flatMap(({ name, mutable }) => (mutable && name !== '' ? [name] : []))
  const types = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f32', 'f64', 'bytes']
  return ['local', 'stack', 'global', 'table', 'pc', ...types.map((type) => `${type}[`), ...named]
}

function functionNames(session: Session): readonly string[] {
  const module = session.guest?.module
  if (module === undefined) return []
  const count = Math.min(module.description.functionCount, mostFunctions)
  return Array.from({ length: count }, (_, index) => module.function(index).name)
    .filter((name) => name !== '')
    .map(quoteWord)
}

async function completePath(current: string, kind: 'path' | 'directory'): Promise<Completions> {
  const typed = current.replace(/^~(?=\/)/, process.env['HOME'] ?? '~')
  const folder = typed.endsWith('/') ? typed : dirname(typed)
  const begin = typed.slice(typed.endsWith('/') ? typed.length : typed.lastIndexOf('/') + 1)
  const prefix = current.slice(0, current.length - begin.length)
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const found = entries
      .filter(({ name }) => name.startsWith(begin) && (begin !== '' || !name.startsWith('.')))
      .filter((entry) => kind === 'path' || !entry.isFile())
      .map((entry) => `${prefix}${quoteWord(entry.name)}${entry.isDirectory() ? '/' : ' '}`)
    return [found.sort(), current]
  } catch {
    return [[], join(current)]
  }
}
