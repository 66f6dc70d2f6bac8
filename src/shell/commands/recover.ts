import type { Guest } from '../../core/guest/guest.js'
import type { RecoverOptions } from '../../core/guest/run-options.js'
import { type Arguments, usageError } from '../arguments.js'
import { defineCommand, type OptionSpecs } from '../command.js'
import { type ExitStatus, exitCodes, statusOfGuest } from '../exit-codes.js'
import { follow, followAll } from '../foreground.js'
import { runElsewhere } from '../new-process.js'
import { type GroupReport, renderGroup, reportOf, statusOfGroup } from '../outcome.js'
import { readPluginFlags } from '../plugin-options.js'
import type { Session } from '../session.js'
import {
  ownStreams,
  readEngine,
  readLimits,
  readMapping,
  readStartOptions,
  startOptionSpecs,
} from '../start-arguments.js'
import { printable } from '../text.js'

type Result =
  | GroupReport
  /** Ran in another process, which exited with that code. */
  | { readonly snapshot: string; readonly process: number; readonly exitCode: number }

const options: OptionSpecs = {
  ...startOptionSpecs,
  'map-dir': {
    type: 'string',
    multiple: true,
    value: 'GUEST=HOST',
    summary: 'where a directory of the guest is on this host',
    complete: 'none',
  },
  module: {
    type: 'string',
    value: 'FILE',
    summary: 'the program, when the store does not have it',
    complete: 'path',
  },
  without: {
    type: 'string',
    multiple: true,
    value: 'PLUGIN',
    summary: 'leave out the resources of a plugin',
    complete: 'none',
  },
  lazy: { type: 'boolean', summary: 'leave out the check of every block of memory' },
  'new-process': { type: 'boolean', summary: 'recover in a wasmsh of its own, and wait for that' },
}

export const recover = defineCommand<Result>({
  name: 'recover',
  group: 'Snapshots',
  summary: 'brings a snapshot back as a new guest, and lets it go on',
  usage: ['recover NAME [options]'],
  arity: [1, 1],
  complete: ['snapshot'],
  options,
  help: `NAME is a snapshot or a group of them ("snapshot --group"), all guests of which are brought back together. Options that are about one guest (--name, --stdin, --stdout, --stderr, --fd, --pause-at, --module) are not for groups: recover its snapshots, NAME.GUEST, one by one for that. "help pipes" says what becomes of their pipes then.

The guest goes on exactly where the snapshot was taken, in the foreground, as with "run"; --paused leaves it standing there. The snapshot stays as it is: it can be recovered as often as you like.

Directories and files that the guest has open are found where they were at the snapshot; --map-dir, --stdin, --stdout and --stderr say otherwise. Input that the guest had been given and not yet read is given to it again.

Everything is checked before anything runs: digests, the format, the module, every value against the types that the module demands.`,
  examples: [
    'recover before-the-edit',
    'recover before-the-edit --paused --name second-try',
    'recover moved --map-dir /data=/mnt/data',
  ],
  async run(session, input) {
    const snapshot = input.required(0)
    if (input.flag('new-process')) {
      refuseHere(input)
      if (!(await isGroup(session, snapshot))) await session.shell.store.get(snapshot)
      return { snapshot, ...(await runElsewhere(session, forwardedWords(input))) }
    }
    if (await isGroup(session, snapshot)) return await recoverGroup(session, input, snapshot)
    const module = input.option('module')
    const guest = await session.unlessInterrupted(
      session.shell.recover(snapshot, {
        ...readStartOptions(session, input),
        ...readRecoverOptions(session, input),
        ...(module === undefined ? {} : { module }),
      }),
    )
    noteDegradations(session, guest)
    session.choose(guest)
    session.consoleOf(guest)
    if (!input.flag('detach')) await follow(session, guest)
    return reportOf(guest)
  },
  render: (result, page) =>
    'process' in result
      ? `${page.theme.guest(result.snapshot)} went on in process ${result.process}, exit code ${result.exitCode}`
      : renderGroup(result, page.theme),
  status: (result) =>
    'process' in result ? statusElsewhere(result.exitCode) : statusOfGroup(result),
})

function readRecoverOptions(
  session: Session,
  input: Arguments,
): Pick<RecoverOptions, 'mapDirs' | 'verify' | 'flags' | 'without' | 'plainStreams'> {
  return {
    plainStreams: ownStreams(session, input),
    mapDirs: input.options('map-dir').map((text) => readMapping(input, text)),
    verify: !input.flag('lazy'),
    flags: readPluginFlags(session, input, 'recover'),
    without: input.options('without'),
  }
}

/** Whether a name is that of a group and of no snapshot. */
async function isGroup(session: Session, name: string): Promise<boolean> {
  const { store } = session.shell
  const isSnapshot = (await store.list()).some((one) => one.name === name)
  return !isSnapshot && (await store.group(name)) !== undefined
}

async function recoverGroup(session: Session, input: Arguments, name: string): Promise<Result> {
  for (const option of ofOneGuest) {
    if (input.option(option) === undefined && input.options(option).length === 0) continue
    throw usageError(
      input.command,
      `--${option} is about one guest, and "${name}" is a group`,
      `Recover its snapshots one by one: ${name}.GUEST.`,
    )
  }
  const guests = await session.shell.recoverGroup(name, {
    ...readEngine(session, input),
    ...readLimits(input),
    ...readRecoverOptions(session, input),
    paused: true,
  })
  for (const guest of guests) {
    noteDegradations(session, guest)
    session.consoleOf(guest)
  }
  const last = guests.at(-1)
  if (last !== undefined) session.choose(last)
  const go = () => {
    for (const guest of guests) if (guest.state === 'paused') guest.resume()
  }
  if (input.flag('paused')) return { guests: guests.map(reportOf) }
  if (input.flag('detach')) go()
  else await followAll(session, guests, { go })
  return { guests: guests.map(reportOf) }
}

const ofOneGuest = ['name', 'stdin', 'stdout', 'stderr', 'fd', 'pause-at', 'module']

function noteDegradations(session: Session, guest: Guest): void {
  for (const { plugin, resource, reason } of guest.degradations) {
    session.output.note(
      `${guest.name}: plugin ${plugin}: ${printable(resource)} ${printable(reason)}`,
    )
  }
}

/** What makes no sense for a guest that this wasmsh does not see. */
function refuseHere(input: Parameters<typeof forwardedWords>[0]): void {
  for (const name of ['paused', 'detach', 'pause-at']) {
    if (!input.flag(name) && input.option(name) === undefined) continue
    throw usageError(input.command, `--new-process and --${name} exclude each other`)
  }
}

/** The command line for the other wasmsh. */
function forwardedWords(input: Arguments): string[] {
  const words = ['recover', input.required(0)]
  for (const [name, spec] of Object.entries(input.command.options)) {
    if (name === 'new-process') continue
    if (spec.type === 'boolean') {
      if (input.flag(name)) words.push(`--${name}`)
      continue
    }
    const one = input.option(name)
    const values = spec.multiple === true ? input.options(name) : one === undefined ? [] : [one]
    for (const value of values) words.push(`--${name}=${value}`)
  }
  return words
}

function statusElsewhere(code: number): ExitStatus {
  const isOurs = code === exitCodes.trapped || code > exitCodes.signal
  return isOurs ? { code, by: 'wasmsh' } : statusOfGuest(code)
}
