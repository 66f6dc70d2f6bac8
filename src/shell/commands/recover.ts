import { usageError } from '../arguments.js'
import { defineCommand, type OptionSpecs } from '../command.js'
import { type ExitStatus, exitCodes, statusOfGuest } from '../exit-codes.js'
import { follow } from '../foreground.js'
import { runElsewhere } from '../new-process.js'
import { type GuestReport, renderReport, reportOf, statusOfReport } from '../outcome.js'
import { readPluginFlags } from '../plugin-options.js'
import { readMapping, readStartOptions, startOptionSpecs } from '../start-arguments.js'
import { printable } from '../text.js'

type Result =
  | GuestReport
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
  help: `The guest goes on exactly where the snapshot was taken, in the foreground, as with "run"; --paused leaves it standing there. The snapshot stays as it is: it can be recovered as often as you like.

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
      await session.shell.store.get(snapshot)
      return { snapshot, ...(await runElsewhere(session, forwardedWords(input))) }
    }
    const module = input.option('module')
    const guest = await session.shell.recover(snapshot, {
      ...readStartOptions(session, input),
      mapDirs: input.options('map-dir').map((text) => readMapping(input, text)),
      ...(module === undefined ? {} : { module }),
      verify: !input.flag('lazy'),
      flags: readPluginFlags(session, input, 'recover'),
      without: input.options('without'),
    })
    for (const { plugin, resource, reason } of guest.degradations) {
      session.output.note(
        `${guest.name}: plugin ${plugin}: ${printable(resource)} ${printable(reason)}`,
      )
    }
    session.choose(guest)
    session.consoleOf(guest)
    if (!input.flag('detach')) await follow(session, guest)
    return reportOf(guest)
  },
  render: (result, page) =>
    'process' in result
      ? `${page.theme.guest(result.snapshot)} went on in process ${result.process}, exit code ${result.exitCode}`
      : renderReport(result, page.theme),
  status: (result) =>
    'process' in result ? statusElsewhere(result.exitCode) : statusOfReport(result),
})

/** What makes no sense for a guest that this wasmsh does not see. */
function refuseHere(input: Parameters<typeof forwardedWords>[0]): void {
  for (const name of ['paused', 'detach', 'pause-at']) {
    if (!input.flag(name) && input.option(name) === undefined) continue
    throw usageError(input.command, `--new-process and --${name} exclude each other`)
  }
}

/** The command line for the other wasmsh. */
function forwardedWords(input: import('../arguments.js').Arguments): string[] {
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
